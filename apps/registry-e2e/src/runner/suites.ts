import type { Form } from './registry.ts';

export interface Suite {
  /** The folder below src that holds its *.e2e.ts files. */
  readonly name: string;
  readonly forms: readonly Form[];
  readonly timeoutMinutes: number;
  /** Programs that it calls. One that is missing fails the suite: nothing is skipped in silence. */
  readonly programs?: readonly string[];
  /** A registry configuration in YAML; `home` is a directory for the files that it names. */
  readonly configuration?: (home: string) => string | Promise<string>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The suite starts its registries by itself. */
  readonly bare?: true;
}

const both: readonly Form[] = ['standalone', 'cluster'];

const clients = [
  'docker',
  'dockerd',
  'podman',
  'skopeo',
  'buildah',
  'crane',
  'oras',
  'regctl',
  'helm',
  'cosign',
];

export const suites: readonly Suite[] = [
  { name: 'conformance', forms: both, timeoutMinutes: 5, programs: ['conformance'] },
  { name: 'behaviour', forms: both, timeoutMinutes: 6 },
  { name: 'abuse', forms: both, timeoutMinutes: 6 },
  { name: 'clients', forms: both, timeoutMinutes: 8, programs: clients },
];
