import { rm } from 'node:fs/promises';
import { temporaryHome } from './registry.ts';
import type { TestsOutcome } from './run-tests.ts';

/** Runs tests without a registry's home, with a folder for their logs. Keeps the folder if one has failed. */
export async function inNewHome(tests: (home: string) => Promise<TestsOutcome>): Promise<TestsOutcome> {
  const home = await temporaryHome();
  const outcome = await tests(home);
  if (outcome.failed === 0) await rm(home, { recursive: true, force: true });
  return outcome;
}
