import { describe, expect, it } from 'vitest';
import { type GinkgoConformanceOptions, runGinkgoConformance } from './run-ginkgo-conformance.ts';

/** What the suite skips by itself: each stands for another environment, or for another answer that is right, too. */
const alternatives = [
  'Get tag name from environment',
  'Populate registry with test tags (no push)',
  'Cross-mounting of nonexistent blob should yield session id',
];
const asksForMount = 'automatic content discovery enabled should return a 201';
const asksForNone = 'automatic content discovery disabled should return a 202';

/** The settings of mounts. A mount without `from` finds here what the client may read, so that the one case that asks for the other answer fails. */
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

/** One test of ours for each case of the suite of distribution-spec v1.1, once for each setting of mounts. */
export async function describeGinkgoConformance(
  origin: string,
  account?: GinkgoConformanceOptions['account'],
): Promise<void> {
  for (const { name: setting, automaticMount, skipped, failed } of settings) {
    const repository = `conformance/v1.1/${setting}`;
    // Each run deletes what it pushed, and with it blobs of the other: they cannot run at once.
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
