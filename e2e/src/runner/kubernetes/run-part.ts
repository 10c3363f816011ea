import { inNewHome } from '../in-new-home.ts';
import { requirePrograms } from '../programs.ts';
import { type Outcome, runTests, timed } from '../run-tests.ts';
import type { Part } from './parts.ts';

/** Never rejects: a part that cannot run has failed. */
export async function runPart(part: Part): Promise<Outcome> {
  return timed(async () => {
    requirePrograms(part.programs);
    return inNewHome((home) => runTests(part, { origin: '', form: 'kubernetes', home }));
  });
}
