import { endRegistry } from './end-registry.ts';
import { inNewHome } from './in-new-home.ts';
import { isExternal, type Run } from './options.ts';
import { requirePrograms } from './programs.ts';
import { startRegistry, stopLaunched } from './registry.ts';
import { type Outcome, type Place, runTests, type Tests, type TestsOutcome, timed } from './run-tests.ts';
import type { Suite } from './suites.ts';

/** Runs one suite against a new registry. Never rejects: a suite that cannot run has failed. */
export async function runSuite(run: Run): Promise<Outcome> {
  return timed(async () => {
    requirePrograms(run.suite.programs);
    return against(run);
  });
}

async function against({ suite, target }: Run): Promise<TestsOutcome> {
  if (isExternal(target))
    return inNewHome((home) => runTests(testsOf(suite), { origin: target, form: 'external', home }));
  if (suite.bare === true || target === 'compose') return bare(suite, target);
  const registry = await startRegistry({ ...suite, form: target });
  try {
    return await endRegistry(registry, await runAll(suite, { ...registry, form: target }));
  } catch (error) {
    await registry.stop();
    throw error;
  }
}

function bare(suite: Suite, form: string): Promise<TestsOutcome> {
  return inNewHome(async (home) => {
    try {
      return await runTests(testsOf(suite), { origin: '', form, home });
    } finally {
      await stopLaunched(home);
    }
  });
}

function testsOf({ name, timeoutMinutes }: Suite): Tests {
  return { name, paths: [`src/${name}/`], timeoutMinutes };
}

/** The tests of the suite, and those that look at what they left behind. */
async function runAll(suite: Suite, place: Place): Promise<TestsOutcome> {
  const outcome = await runTests(testsOf(suite), place);
  if (suite.afterwards === undefined) return outcome;
  const { timeoutMinutes, afterwards } = suite;
  const after = await runTests({ name: afterwards, paths: [`src/${afterwards}/`], timeoutMinutes }, place);
  return {
    passed: outcome.passed + after.passed,
    failed: outcome.failed + after.failed,
    skipped: outcome.skipped + after.skipped,
    report: [outcome.report, after.report].filter((report) => report !== '').join('\n'),
  };
}
