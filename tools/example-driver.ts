import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAsAuthor, testAsAuthor } from './example-driver/author.ts';
import { checkAsOperator, installAsOperator } from './example-driver/operator.ts';
import { packLibraries } from './example-driver/pack.ts';
import { serveImageBy } from './example-driver/registry.ts';
import { Steps } from './example-driver/steps.ts';
import { closingLine } from './results/vitest-report.ts';

/**
 * Does with examples/storage-driver-sqlite what its author and an operator would do, outside the workspace and with packages only. Packs the
 * libraries, builds and tests the driver with them, and serves an image from it. Needs the npm registry and crane.
 */
const steps = new Steps();
const folder = await mkdtemp(join(tmpdir(), 'longshore-example-'));
try {
  // If root starts the registry, the embedded Postgres runs as another user.
  await chmod(folder, 0o755);
  const libraries = await steps.take('the libraries are packed', () => packLibraries(folder));
  const driver = await steps.take('the driver is built', () => buildAsAuthor(folder, libraries));
  steps.count(await steps.take('its suite runs', () => testAsAuthor(driver)));
  const home = await steps.take('the driver is installed', () =>
    installAsOperator(folder, driver, libraries),
  );
  for (const name of [driver.name, `../author/${driver.module}`]) {
    await steps.take(`storage check of ${name}`, () => checkAsOperator(home, name));
    await steps.take(`an image by ${name}`, () => serveImageBy(home, name));
  }
} catch (error) {
  // Steps has reported the error. The steps after a failed one cannot run.
  if (!steps.hasFailed) throw error;
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(closingLine(steps.counts));
process.exitCode = steps.counts.failed === 0 ? 0 : 1;
