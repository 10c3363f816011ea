import type { Tests } from '../run-tests.ts';

export interface Part extends Tests {
  readonly programs?: readonly string[];
}

/** The parts on Kubernetes, in order. Each installs what it needs, or continues with an earlier part's release. */
export const parts: readonly Part[] = [
  part('install', 8, ['conformance', 'skopeo']),
  part('network-policies', 4),
  part('bus', 4),
  part('tls', 6, ['curl', 'openssl']),
  part('upgrade', 8, ['git', 'tar']),
  part('scale', 12),
  part('disruption', 12),
  part('bad-input', 6, ['versitygw']),
  part('runbooks', 12, ['bash']),
  part('own-registry', 8, ['skopeo']),
  part('workload', 8, ['skopeo']),
  part('login', 8, ['skopeo']),
  part('uninstall', 8),
  part('s3', 20, ['versitygw']),
  part('autoscaling', 10),
];

function part(name: string, timeoutMinutes: number, programs: readonly string[] = []): Part {
  return { name, paths: [`src/kubernetes/${name}.e2e.ts`], timeoutMinutes, programs };
}
