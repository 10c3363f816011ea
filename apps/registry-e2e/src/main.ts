import { parseOptions, type Run } from './runner/options.ts';
import { runSuite } from './runner/run-suite.ts';

const sum = { passed: 0, failed: 0, skipped: 0 };
let runs: readonly Run[] = [];
try {
  runs = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
for (const run of runs) {
  const { passed, failed, skipped, seconds, report } = await runSuite(run);
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
  console.log(
    `${run.target} ${run.suite.name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`,
  );
  if (report !== '') console.log(report);
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed === 0 ? 0 : 1;
