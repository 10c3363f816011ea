import { describe, expect, it } from 'vitest';
import { target } from '../support/target.ts';
import { runConformance } from './run-conformance.ts';

// The upstream suite, every switch on, as one test of ours for each of its cases: what it calls skipped or unsupported fails here.
for (const version of ['1.1', 'dev']) {
  const cases = await runConformance(target.origin, version);

  describe(`distribution-spec conformance, version ${version}`, () => {
    it('runs more than seven hundred cases', () => {
      expect(cases.length).toBeGreaterThan(700);
    });

    for (const { name, status, output } of cases) {
      it(name, () => {
        expect(status, output).toBe('passed');
      });
    }
  });
}
