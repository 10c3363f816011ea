import { describe, expect, it } from 'vitest';
import type { ConformanceCase } from './run-conformance.ts';

/** Declares one test for each case of the upstream suite. Cases that it calls skipped or unsupported fail here. */
export function describeConformance(title: string, cases: readonly ConformanceCase[]): void {
  describe(`distribution-spec conformance, ${title}`, () => {
    it('runs more than seven hundred cases', () => {
      expect(cases.length).toBeGreaterThan(700);
    });

    const named = cases.map(({ name, status, output }) => [name, status, output] as const);
    it.each(named)('%s', (_, status, output) => {
      expect(status, output).toBe('passed');
    });
  });
}
