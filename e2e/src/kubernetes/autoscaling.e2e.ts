import { eventually, RegistryClient, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { pushStreamed } from '../support/streamed-blob.ts';
import { upgrade } from './support/helm.ts';
import { isReady, kubectl, pods } from './support/kubectl.ts';
import {
  bringCredentials,
  describeRelease,
  ensureBacking,
  onBacking,
  replicated,
  serviceOrigin,
} from './support/releases.ts';

const autoscaling = {
  enabled: true,
  minReplicas: 1,
  maxReplicas: 3,
  targetCPUUtilizationPercentage: 60,
  behavior: { scaleUp: { stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 0 } },
};

await ensureBacking();
const release = await describeRelease('replicated');
await bringCredentials(release.namespace);
const values = [...replicated, onBacking()];

beforeAll(async () => {
  const blobService = { autoscaling, resources: { requests: { cpu: '100m' } } };
  await upgrade(release, { values: [...values, { blobService }] });
}, 300_000);

async function untilReplicas(holds: (ready: number) => boolean, withinMs: number): Promise<number> {
  return eventually(async () => {
    const ready = (await pods(release.namespace, 'blob-service')).filter(isReady).length;
    if (holds(ready)) return ready;
    const scaler = await kubectl(['get', 'hpa', `--namespace=${release.namespace}`, '--no-headers']);
    throw new Error(`${ready} replicas are ready: ${scaler}`);
  }, withinMs);
}

describe('the HorizontalPodAutoscaler of blob-service', () => {
  it('adds replicas under load and takes them away after it', { timeout: 420_000 }, async () => {
    await untilReplicas((ready) => ready === 1, 150_000);
    const registry = new RegistryClient(await serviceOrigin(release));
    const place = { name: uniqueRepository('busy'), timeoutMs: 600_000 };
    const failures: string[] = [];
    const pushers = new AbortController();
    const push = async (): Promise<void> => {
      while (!pushers.signal.aborted)
        await pushStreamed(registry, place, 20 * 1024 * 1024).catch((error: unknown) =>
          failures.push(String(error)),
        );
    };
    const pushing = Promise.all([push(), push()]);
    const most = await untilReplicas((ready) => ready > 1, 120_000).finally(() => pushers.abort());
    await pushing;
    const least = await untilReplicas((ready) => ready === 1, 200_000);
    console.log(`measured: 1 replica, ${most} under load, ${least} after it`);
    expect(failures).toEqual([]);
  });
});
