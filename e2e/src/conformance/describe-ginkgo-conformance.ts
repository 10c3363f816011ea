import { describe, expect, it } from 'vitest';
import { type GinkgoConformanceOptions, runGinkgoConformance } from './run-ginkgo-conformance.ts';

/** Cases that the suite skips: each needs another environment, or covers an alternative answer that is also right. */
const alternatives = [
  'Get tag name from environment',
  'Populate registry with test tags (no push)',
  'Cross-mounting of nonexistent blob should yield session id',
];
const asksForMount = 'automatic content discovery enabled should return a 201';
const asksForNone = 'automatic content discovery disabled should return a 202';

/** Settings of mounts. A mount without `from` finds blobs that the client may read, so the one case that expects the other answer fails. */
const settings = [
  { name: 'found', automaticMount: '1', skipped: [...alternatives, asksForNone], failed: [] },
  {
    name: 'either',
    automaticMount: undefined,
    skipped: [...alternatives, asksForMount, asksForNone],
    failed: [],
  },
  { name: 'not-found', automaticMount: '0', skipped: [...alternatives, asksForMount], failed: [asksForNone] },
] as const;

/** Declares one test for each case of the suite of distribution-spec v1.1, once for each setting of mounts. */
export async function describeGinkgoConformance(
  origin: string,
  account?: GinkgoConformanceOptions['account'],
): Promise<void> {
  for (const { name: setting, automaticMount, skipped, failed } of settings) {
    const repository = `conformance/v1.1/${setting}`;
    // Each run deletes the blobs that it pushed, including those of the other, so they cannot run concurrently.
    const cases = await runGinkgoConformance(origin, {
      repository,
      automaticMount,
      ...(account === undefined ? {} : { account }),
    });
    describe(`distribution-spec v1.1, mounts without from: ${setting}`, () => {
      it('runs all four workflows', () => {
        for (const workflow of ['Pull', 'Push', 'Content Discovery', 'Content Management'])
          expect(cases.filter(({ name }) => name.includes(`Conformance Tests ${workflow} `))).not.toEqual([]);
        expect(cases.length).toBeGreaterThanOrEqual(80);
      });

      const named = cases.map(({ name, status, output }) => [name, status, output] as const);
      it.each(named)('%s', (name, status, output) => {
        const among = (texts: readonly string[]): boolean => texts.some((text) => name.includes(text));
        expect(status, output).toBe(among(skipped) ? 'skipped' : among(failed) ? 'failed' : 'passed');
      });
    });
  }
}
