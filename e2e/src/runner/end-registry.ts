import { type Registry, tail } from './registry.ts';
import type { TestsOutcome } from './run-tests.ts';

/** Ends a registry. One that does not stop, or has died, fails the tests that used it. Keeps the state of a failed one. */
export async function endRegistry(registry: Registry, outcome: TestsOutcome): Promise<TestsOutcome> {
  const problems: string[] = [];
  await registry.stop().catch((error: unknown) => problems.push(String(error)));
  const code = await registry.ended;
  if (code !== 0) problems.push(`the registry ended with exit code ${code}`);
  const failed = outcome.failed + problems.length;
  if (failed === 0) {
    await registry.discard();
    return outcome;
  }
  const logged = `--- the end of ${registry.log}\n${await tail(registry.log, 20)}`;
  return { ...outcome, failed, report: [outcome.report, ...problems, logged].join('\n') };
}
