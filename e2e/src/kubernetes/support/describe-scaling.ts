import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, RegistryClient, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { pushStreamed } from '../../support/streamed-blob.ts';
import type { Release } from './helm.ts';
import { isReady, kubectl, pods } from './kubectl.ts';
import { serviceOrigin } from './releases.ts';
import { settings } from './settings.ts';

const longMs = 600_000;

/** For a release whose blob-service may have any number of replicas. */
export function describeScaling(title: string, release: Release): void {
  const repository = uniqueRepository('scaled');
  describe(`${title}, while ${settings.pushes} clients push ${settings.pushBytes} bytes each at a time`, () => {
    beforeAll(async () => {
      await scale(release, 1);
      await untilReady(release, 1);
    }, 180_000);

    it('goes from 1 to 4 to 2 replicas without a failed push', { timeout: longMs }, async () => {
      const origin = await serviceOrigin(release);
      const before = await others(release);
      const digests: string[] = [];
      const failures: string[] = [];
      const registry = new RegistryClient(origin);
      const place = { name: repository, timeoutMs: longMs };
      const pushers = new AbortController();
      const client = async (): Promise<void> => {
        do
          await pushStreamed(registry, place, settings.pushBytes).then(
            (digest) => digests.push(digest),
            (error: unknown) => failures.push(`${new Date().toISOString()} ${String(error)}`),
          );
        while (!pushers.signal.aborted);
      };
      const pushing = Promise.all(Array.from({ length: settings.pushes }, client));
      await sleep(2000);
      await scale(release, 4);
      await untilReady(release, 4);
      // New replicas are found by name, which the gateway resolves every few seconds.
      const served = await eventually(async () => {
        const names = await replicasThatServed(release, repository);
        expect(names).toHaveLength(4);
        return names;
      }, 120_000);
      await scale(release, 2);
      await untilReady(release, 2);
      pushers.abort();
      await pushing;
      console.log(
        `measured: ${digests.length} pushes of ${settings.pushBytes} bytes, ${failures.length} failed; served by ${served.join(', ')}`,
      );
      expect(failures).toEqual([]);
      expect(await others(release)).toEqual(before);
      for (const digest of digests) {
        const { status, headers } = await registry.head(`/v2/${repository}/blobs/${digest}`);
        expect({ status, length: headers['content-length'] }).toEqual({
          status: 200,
          length: String(settings.pushBytes),
        });
      }
    });
  });
}

async function scale({ name, namespace }: Release, replicas: number): Promise<void> {
  const deployment = `deployment/${name}-blob-service`;
  await kubectl(['scale', deployment, `--replicas=${replicas}`, `--namespace=${namespace}`]);
}

async function untilReady({ namespace }: Release, replicas: number): Promise<void> {
  await eventually(async () => {
    const all = await pods(namespace, 'blob-service');
    expect(all.filter(isReady)).toHaveLength(replicas);
    expect(all).toHaveLength(replicas);
  }, 120_000);
}

/** Returns the identity and start count of each container, except those of blob-service. */
async function others({ namespace }: Release): Promise<string[]> {
  const all = await pods(namespace);
  return all
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] !== 'blob-service')
    .map(
      ({ metadata, status }) =>
        `${metadata.uid} ${status.containerStatuses?.map(({ restartCount }) => restartCount).join() ?? ''}`,
    )
    .toSorted();
}

/** Returns the replicas whose access log has one of our uploads. */
async function replicasThatServed({ namespace }: Release, repository: string): Promise<string[]> {
  const all = await pods(namespace, 'blob-service');
  const served = await Promise.all(
    all.map(async ({ metadata: { name } }) => {
      const log = await kubectl(['logs', name, `--namespace=${namespace}`, '--tail=-1']);
      return log.includes(`/v2/${repository}/blobs/uploads/`) ? [name] : [];
    }),
  );
  return served.flat();
}
