import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './run-to-end.ts';
import { closingLine, readReport } from './vitest-report.ts';

/** Runs projects of vitest.config.ts, ends with a line that counts the tests, and sets this process's exit code. */
export async function runVitest(projects: readonly string[], options: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const chosen = projects.flatMap((project) => ['--project', project]);
    const { code } = await runToEnd('vitest', ['run', ...chosen, ...reporters, ...options], {
      output: 'inherit',
    });
    const counts = await readReport(report);
    // A run that died, or lost a whole file, must not look like one that passed.
    const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
    console.log(closingLine({ ...counts, failed }));
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
