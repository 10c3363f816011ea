import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd } from './run-to-end.ts';
import { readReport } from './vitest-report.ts';

const repository = join(import.meta.dirname, '../..');
const imports = `import { beforeAll, expect, it } from 'vitest';\n`;
const broken = `beforeAll(() => { throw new Error('no server'); });\n`;
const wrong = `it('is wrong', () => { expect(1).toBe(2); });\n`;
const right = `it('is right', () => { expect(1).toBe(1); });\n`;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-failed-run-'));
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const setup = join(repository, 'libs/metadata/src/testing/postgres.setup.ts');
  await writeFile(
    join(folder, 'vitest.config.ts'),
    `export default { resolve: { conditions: ['@longshore/source'] }, test: { include: ['*.spec.ts'], globalSetup: ['${setup}'] } };`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs Vitest as the project `integration` does, with a Postgres of its own. */
async function run(test: string) {
  await writeFile(join(folder, 'the.spec.ts'), imports + test);
  const report = join(folder, 'report.json');
  const { code } = await runToEnd(
    'vitest',
    ['run', `--root=${folder}`, '--reporter=json', `--outputFile.json=${report}`],
    { output: 'collect', folder, environment: { LONGSHORE_TEST_POSTGRES_URL: '' } },
  );
  const { passed, failed, skipped } = await readReport(report);
  return { code, passed, failed, skipped };
}

describe('a run of integration tests', () => {
  it.each([
    { name: 'a passed test', test: right, sees: { code: 0, passed: 1, failed: 0, skipped: 0 } },
    { name: 'a failed test', test: right + wrong, sees: { code: 1, passed: 1, failed: 1, skipped: 0 } },
    {
      name: 'a file whose set-up failed',
      test: broken + right,
      sees: { code: 1, passed: 0, failed: 1, skipped: 1 },
    },
    {
      name: 'a file that cannot be loaded',
      test: `throw new Error('no module');\n`,
      sees: { code: 1, passed: 0, failed: 1, skipped: 0 },
    },
  ])('tells of $name by its exit code and its counts', async ({ test, sees }) => {
    expect(await run(test)).toEqual(sees);
  });
});
