import { describe, expect, it } from 'vitest';
import { describeDisruption, servicesOf } from './support/describe-disruption.ts';
import { describeScaling } from './support/describe-scaling.ts';
import { describeUpgrade } from './support/describe-upgrade.ts';
import { upgrade } from './support/helm.ts';
import { listed, pods } from './support/kubectl.ts';
import { passingNamespace } from './support/namespaces.ts';
import {
  bringCredentials,
  ensureBacking,
  freshDatabase,
  modest,
  onBacking,
  replicasOfEach,
} from './support/releases.ts';
import { settings } from './support/settings.ts';
import { onVersitygw, startVersitygw } from './support/versitygw.ts';

await ensureBacking();
const release = { name: 'longshore', namespace: await passingNamespace('s3') };
await freshDatabase('s3');
await bringCredentials(release.namespace);
await startVersitygw(release.namespace);
const values = [
  modest,
  { ...replicasOfEach(2), apiGateway: { replicas: 2, service: { type: 'NodePort' } } },
  onBacking('s3'),
  onVersitygw,
  // Two registries must not share one bus.
  { nats: { servers: [], existingSecret: 'backing', bundled: { enabled: true } } },
];
await upgrade(release, { values });

interface Volumes {
  readonly spec: { readonly volumes: readonly { readonly persistentVolumeClaim?: object }[] };
}

describe('blob-service on an object store', () => {
  it('has no volume', async () => {
    const all = await listed<Volumes>(release.namespace, 'pods', 'app.kubernetes.io/component=blob-service');
    expect(all).toHaveLength(2);
    expect(all.flatMap(({ spec }) => spec.volumes).filter((volume) => volume.persistentVolumeClaim)).toEqual(
      [],
    );
    const claims = await listed<{ metadata: { name: string } }>(release.namespace, 'persistentvolumeclaims');
    expect(claims.map(({ metadata }) => metadata.name)).toEqual(['store']);
  });

  it('has every pod ready without a second start', async () => {
    const counts = (await pods(release.namespace)).flatMap(({ status }) => status.containerStatuses ?? []);
    expect(Math.max(...counts.map(({ restartCount }) => restartCount))).toBe(0);
  });
});

describeUpgrade('a release on an object store', release, values);
describeScaling('blob-service on an object store', release);
describeDisruption('a release on an object store', {
  release,
  kinds: [...servicesOf(release), { component: 'nats', namespace: release.namespace, replicas: 1 }],
  seconds: settings.disruptionSeconds,
});
