import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../runner/stores/store-control.ts';
import { expectStatus } from '../../support/expectations.ts';
import { growthDuring } from '../../support/processes.ts';
import { client, serviceProcesses, target } from '../../support/target.ts';
import { store } from '../support/store.ts';
import { pull, type Published } from './published.ts';
import { Traffic } from './traffic.ts';

const { partBytes, throttling } = await store.facts();
const allowedMiB = 160;
const stopMs = 30_000;
const faultMs = 6000;
/** Milliseconds. The drivers' deadline on progress is 30 s, and a client waits that long for an answer that a fault has cut. */
const recoveryMs = 50_000;

const plans: readonly (FaultPlan & { readonly what: string })[] = [
  {
    what: 'asks to slow down at half of all calls',
    faults: [throttling, { ...throttling, early: true }],
    every: 2,
  },
  {
    what: 'resets connections',
    faults: [
      { kind: 'reset' },
      { kind: 'loseAnswer' },
      { kind: 'cutRequest', after: 100_000 },
      { kind: 'cutAnswer', after: 100_000 },
    ],
    every: 3,
  },
  {
    what: 'returns short bodies',
    faults: [
      { kind: 'cutAnswer', after: 1000 },
      { kind: 'shortenAnswer', after: 1000 },
    ],
    every: 2,
    methods: ['GET'],
  },
  { what: 'loses its credentials', faults: [{ kind: 'forgeCredentials' }] },
  {
    what: 'stalls midway',
    faults: [
      { kind: 'stallRequest', after: 500 },
      { kind: 'stallAnswer', after: 500 },
    ],
    every: 6,
  },
];

let traffic: Traffic;
let growth: ReturnType<typeof growthDuring>;
const ended = Promise.withResolvers<void>();
let pids: readonly number[] = [];
let acknowledged: readonly Published[] = [];

const pidsNow = async (): Promise<number[]> => (await serviceProcesses()).map(({ pid }) => pid);

/** Checks that every client makes progress again, none saw a violation, and no process has died. */
async function expectRecovery(): Promise<void> {
  const { progress } = traffic.journal;
  await eventually(() => expect(traffic.journal.progress).toBeGreaterThan(progress + 5), recoveryMs);
  const { journal } = traffic;
  expect(journal.violations.splice(0), `refused: ${journal.refusals()}`).toEqual([]);
  expect(await pidsNow()).toEqual(pids);
}

beforeAll(async () => {
  pids = await pidsNow();
  for (let count = 0; count < 3; count += 1) await abandon();
  growth = growthDuring(target.pid, () => ended.promise);
  traffic = await Traffic.start(client, partBytes);
  await sleep(2000);
});
afterAll(async () => {
  await store.clear();
  ended.resolve();
});

/** Leaves an unfinished upload: parts, and a rest smaller than a part. */
async function abandon(): Promise<void> {
  const location = await client.startUpload(uniqueRepository('abandoned'));
  expectStatus(await client.patch(location, uniqueBytes(partBytes + 100_000), 0), 202);
}

describe('clients push and pull while the store', { timeout: stopMs + 2 * recoveryMs }, () => {
  it('is stopped for 30 s', async () => {
    await store.halt();
    await sleep(stopMs);
    await store.resume();
    await expectRecovery();
  });

  it.each(plans)('$what', async (plan) => {
    await store.meet(plan);
    await sleep(faultMs);
    const { met } = await store.clear();
    expect(met).toBeGreaterThan(0);
    await expectRecovery();
  });
});

describe('afterwards', { timeout: 120_000 }, () => {
  it('every upload that was begun is finished', async () => {
    acknowledged = await traffic.stop();
    ended.resolve();
    expect(traffic.journal.violations).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(20);
  });

  it('nothing that was acknowledged is lost', async () => {
    for (let next = 0; next < acknowledged.length; next += 4) {
      const pulls = acknowledged.slice(next, next + 4).map((published) => pull(client, published));
      await expect(Promise.all(pulls)).resolves.toBeDefined();
    }
  });

  it(`no process has grown by more than ${allowedMiB} MiB`, async () => {
    const { growthMiB, name } = await growth;
    console.log(`measured: grew by ${growthMiB.toFixed(0)} MiB of ${allowedMiB} at most (${name})`);
    expect(growthMiB, name).toBeLessThan(allowedMiB);
  });
});
