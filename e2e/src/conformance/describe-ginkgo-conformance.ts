import { describe, expect, it } from 'vitest';
import { type GinkgoConformanceOptions, runGinkgoConformance } from './run-ginkgo-conformance.ts';

/** What the suite skips by itself: each stands for another environment, or for another answer that is right, too. */
const alternatives = [
  'Get tag name from environment',
  'Populate registry with test tags (no push)',
  'Cross-mounting of nonexistent blob should yield session id',
  'automatic content discovery disabled should return a 202',
];
const asksForMounts = 'automatic content discovery enabled should return a 201';

/** One test of ours for each case of the suite of distribution-spec v1.1, once for each setting of mounts. */
export async function describeGinkgoConformance(
  origin: string,
  account?: GinkgoConformanceOptions['account'],
): Promise<void> {
  for (const automaticMount of [true, false]) {
    const repository = `conformance/v1.1/${automaticMount ? 'automatic' : 'asked'}`;
    // Each run deletes what it pushed, and with it blobs of the other: they cannot run at once.
    const cases = await runGinkgoConformance(origin, {
      repository,
      automaticMount,
      ...(account === undefined ? {} : { account }),
    });
    const mayBeSkipped = automaticMount ? alternatives : [...alternatives, asksForMounts];
    describe(`distribution-spec v1.1, mounts without from ${automaticMount ? '' : 'not '}asked for`, () => {
      it('runs all four workflows', () => {
        for (const workflow of ['Pull', 'Push', 'Content Discovery', 'Content Management'])
          expect(cases.filter(({ name }) => name.includes(`Conformance Tests ${workflow} `))).not.toEqual([]);
        expect(cases.length).toBeGreaterThanOrEqual(80);
      });

      const named = cases.map(({ name, status, output }) => [name, status, output] as const);
      it.each(named)('%s', (name, status, output) => {
        const skipped = mayBeSkipped.some((text) => name.includes(text));
        expect(status, output).toBe(skipped ? 'skipped' : 'passed');
      });
    });
  }
}
