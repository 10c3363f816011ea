import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runToEnd } from '../results/run-to-end.ts';
import { type Counts, readReport } from '../results/vitest-report.ts';
import { install, run } from './command.ts';
import { pack, workspace } from './pack.ts';

/** The example as its author has it. */
export interface Driver {
  readonly folder: string;
  /** Name of its package. */
  readonly name: string;
  /** Module that the registry imports, below the folder. */
  readonly module: string;
  readonly tarball: string;
}

/** Copies the example outside the workspace, installs the packed libraries, checks every type, builds and packs it. */
export async function buildAsAuthor(folder: string, libraries: readonly string[]): Promise<Driver> {
  const example = join(workspace, 'examples/storage-driver-sqlite');
  const author = join(folder, 'author');
  await cp(example, author, { recursive: true, filter: isSource });
  await install(author, libraries);
  await run(author, 'npm', 'run', 'check', '--prefix', author);
  await run(author, 'npm', 'run', 'build', '--prefix', author);
  const tarball = await pack(author, folder);
  return { folder: author, name: 'longshore-storage-sqlite', module: 'dist/index.js', tarball };
}

function isSource(path: string): boolean {
  return !['node_modules', 'dist'].includes(basename(path));
}

/** @throws Error if the suite did not complete, or if a test failed */
export async function testAsAuthor({ folder }: Driver): Promise<Counts> {
  const report = join(folder, 'report.json');
  const options = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = join(folder, 'node_modules/.bin/vitest');
  const { code, output } = await runToEnd(vitest, options, { output: 'collect', folder });
  const counts = await readReport(report);
  if (code !== 0 || counts.failed > 0 || counts.passed === 0)
    throw new Error(`${counts.failed} failed, ${counts.passed} passed:\n${output.trimEnd()}`);
  return counts;
}
