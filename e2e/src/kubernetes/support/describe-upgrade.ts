import { describe, expect, it } from 'vitest';
import { helm, type Release, upgrade, type Values } from './helm.ts';
import { pods } from './kubectl.ts';
import { Load, type LoadResult, missing, type Pushed } from './load.ts';
import { serviceOrigin } from './releases.ts';

const longMs = 300_000;
/** Replaces the pods of every service, whatever the difference between the charts. */
const restarted: Values = { defaults: { podAnnotations: { 'longshore.test/upgraded': 'true' } } };

/** Upgrades a release from an earlier chart to the present one and rolls it back, under load. */
export function describeUpgrade(title: string, release: Release, values: readonly Values[]): void {
  describe(`${title}: helm upgrade and rollback`, () => {
    const kept: Pushed[] = [];

    const during = async (work: () => Promise<unknown>): Promise<LoadResult> => {
      const outcome = await duringLoad(release, work);
      kept.push(...outcome.acknowledged);
      return outcome;
    };

    it('is upgraded to the present chart without a failed request', { timeout: longMs }, async () => {
      const outcome = await during(() => upgrade(release, { values: [...values, restarted] }));
      report('upgrade', outcome);
      expect(outcome.failures).toEqual([]);
    });

    it('is rolled back without a failed request', { timeout: longMs }, async () => {
      const outcome = await during(() => helm('rollback', release, '--wait', '--timeout=240s'));
      report('rollback', outcome);
      expect(outcome.failures).toEqual([]);
    });

    it('has all that was pushed before, during and after', { timeout: longMs }, async () => {
      expect(kept.length).toBeGreaterThan(0);
      expect(await missing(await serviceOrigin(release), kept)).toEqual([]);
    });
  });
}

async function duringLoad(release: Release, work: () => Promise<unknown>): Promise<LoadResult> {
  const before = new Set((await pods(release.namespace)).map(({ metadata }) => metadata.uid));
  const load = new Load({ origin: await serviceOrigin(release) });
  try {
    await work();
  } finally {
    await load.stop();
  }
  const services = (await pods(release.namespace)).filter(
    ({ metadata }) => metadata.labels?.['longshore/service'] === 'true',
  );
  const left = services
    .filter(({ metadata }) => before.has(metadata.uid))
    .map(({ metadata }) => metadata.name);
  expect(left, 'pods that were not replaced').toEqual([]);
  expect(services.length).toBeGreaterThan(10);
  const outcome = await load.stop();
  // Idle clients would notice nothing.
  expect(outcome.acknowledged.length).toBeGreaterThan(20);
  expect(outcome.pulls).toBeGreaterThan(20);
  return outcome;
}

function report(what: string, { requests, failures, acknowledged, pulls }: LoadResult): void {
  console.log(
    `measured: ${what}: ${requests} requests, ${acknowledged.length} pushes, ${pulls} pulls, ${failures.length} failed`,
  );
}
