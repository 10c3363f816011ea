import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { serviceNames } from '../../support/service-names.ts';
import type { Release } from './helm.ts';
import { isReady, kubectl, type Pod, pods } from './kubectl.ts';
import { Load, missing } from './load.ts';
import { serviceOrigin } from './releases.ts';

/** Interchangeable pods, and their number. */
export interface Kind {
  readonly component: string;
  readonly namespace: string;
  readonly replicas: number;
}

export interface Disruption {
  readonly release: Release;
  readonly kinds: readonly Kind[];
  readonly seconds: number;
}

/** Lists two pods of each service. */
export function servicesOf({ namespace }: Release): readonly Kind[] {
  return serviceNames.map((component) => ({ component, namespace, replicas: 2 }));
}

export function describeDisruption(title: string, { release, kinds, seconds }: Disruption): void {
  describe(`${title}: kubectl delete pod of each kind at random for ${seconds} s`, () => {
    const timeout = (seconds + 400) * 1000;
    it(
      'loses nothing that was acknowledged, and fails no client that tries again as docker does',
      { timeout },
      async () => {
        const origin = await serviceOrigin(release);
        const load = new Load({ origin, writers: 4, readers: 4, attempts: 5 });
        const deadline = performance.now() + seconds * 1000;
        const deleted: string[] = [];
        // Deletes each kind once in random order, and repeats that until the time is over.
        for (let waiting = kinds.slice(); performance.now() < deadline || deleted.length < kinds.length;) {
          if (waiting.length === 0) waiting = kinds.slice();
          const kind = anyOf(waiting);
          waiting.splice(waiting.indexOf(kind), 1);
          deleted.push(await deleteOne(kind));
          await sleep(3000);
        }
        await untilWhole(kinds);
        const { requests, failures, acknowledged, pulls, retries } = await load.stop();
        console.log(
          `measured: ${deleted.length} pods deleted: ${requests} requests, ${acknowledged.length} pushes, ${pulls} pulls, ${retries} tried again, ${failures.length} failed`,
        );
        expect(failures).toEqual([]);
        expect(acknowledged.length).toBeGreaterThan(20);
        expect(await missing(origin, acknowledged)).toEqual([]);
      },
    );
  });
}

function anyOf<T>(all: readonly T[]): T {
  const one = all[Math.floor(Math.random() * all.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
}

/**
 * Deletes a pod like an administrator, or evicts it like a node's drain: the pod is asked to end, and is replaced. A single pod may only be replaced.
 */
async function deleteOne({ component, namespace }: Kind): Promise<string> {
  const { name } = await eventually(
    async () => anyOf<Pod>(await pods(namespace, component)).metadata,
    60_000,
  );
  await kubectl(['delete', 'pod', name, `--namespace=${namespace}`, '--wait=false']);
  return name;
}

async function untilWhole(kinds: readonly Kind[]): Promise<void> {
  await eventually(async () => {
    for (const { component, namespace, replicas } of kinds) {
      const all = await pods(namespace, component);
      expect(all.filter(isReady).length, component).toBe(replicas);
    }
  }, 120_000);
}
