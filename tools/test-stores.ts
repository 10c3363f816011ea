import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { runVitest } from './results/run-vitest.ts';
import { storageTable } from './results/storage-table.ts';
import type { TestOutcome } from './results/vitest-report.ts';

const page = 'docs/reference/storage.md';

/**
 * Tests the storage drivers on real servers, which must be installed: without them the tests fail. A run over all of them writes the table of the
 * reference. In CI it must equal the committed one.
 */
const options = process.argv.slice(2);
if (options.length > 0) await runVitest(['unit', 'stores'], options);
else
  await runVitest(
    ['unit', 'stores'],
    [
      'libs/storage/src/drivers',
      'libs/storage-',
      'libs/stores',
      'libs/testing/src/stores',
      'libs/oss-server',
    ],
    judgeTable,
  );

function judgeTable(outcomes: readonly TestOutcome[]): string | undefined {
  const text = storageTable(outcomes);
  const written = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (written === text) return undefined;
  if (process.env['CI'] !== undefined) return `${page} is stale: run npm run test:stores`;
  writeFileSync(page, text);
  console.log(`${page} written`);
  return undefined;
}
