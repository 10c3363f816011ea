import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './run-to-end.ts';
import { closingLine, readReport, type TestOutcome } from './vitest-report.ts';

/** Checks the outcomes of a whole run. @returns the problem beyond failed tests, if any */
export type Judge = (outcomes: readonly TestOutcome[]) => string | undefined;

/** Runs projects of vitest.config.ts, prints a last line that counts the tests, and sets this process's exit code. */
export async function runVitest(
  projects: readonly string[],
  options: readonly string[],
  judge: Judge = () => undefined,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const chosen = projects.flatMap((project) => ['--project', project]);
    const { code } = await runToEnd('vitest', ['run', ...chosen, ...reporters, ...options], {
      output: 'inherit',
    });
    const read = await readReport(report);
    const complaint = judge(read.outcomes);
    if (complaint !== undefined) console.error(complaint);
    // A run that died, or lost a whole file, must not look like a passed one.
    const hasUncounted = (code !== 0 && read.failed === 0) || complaint !== undefined;
    const failed = read.failed + (hasUncounted ? 1 : 0);
    console.log(closingLine({ ...read, failed }));
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
