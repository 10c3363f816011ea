import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closingLine, readReport } from './results/vitest-report.ts';
import { runToEnd } from './results/run-to-end.ts';

/** What a machine with Node alone can run: the unit tests, and the integration tests on an embedded Postgres. */
const folder = await mkdtemp(join(tmpdir(), 'longshore-test-'));
try {
  const report = join(folder, 'report.json');
  const options = [
    'run',
    '--project',
    'unit',
    '--project',
    'integration',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { code } = await runToEnd('vitest', [...options, ...process.argv.slice(2)], { output: 'inherit' });
  const counts = await readReport(report);
  // A run that died, or lost a whole file, must not look like one that passed.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  console.log(closingLine({ ...counts, failed }));
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
