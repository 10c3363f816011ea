import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../results/run-to-end.ts';
import type { Driver } from './author.ts';
import { install } from './command.ts';
import { workspace } from './pack.ts';

/** Makes a folder to start a registry from, with the driver's package installed. */
export async function installAsOperator(
  folder: string,
  { tarball }: Driver,
  libraries: readonly string[],
): Promise<string> {
  const home = join(folder, 'operator');
  await mkdir(home);
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'operator', private: true }));
  await install(home, [tarball, ...libraries]);
  return home;
}

/** Writes a configuration for the driver. @returns its path */
export async function configure(home: string, driver: string, parameters: unknown): Promise<string> {
  const path = join(home, 'registry.yml');
  // JSON is YAML.
  await writeFile(path, JSON.stringify({ version: 0.1, storage: { [driver]: parameters } }));
  return path;
}

/** Runs `longshore storage check`, with correct parameters and with wrong ones. */
export async function checkAsOperator(home: string, driver: string): Promise<void> {
  const right = await check(home, await configure(home, driver, { path: join(home, 'check.db') }));
  if (right.code !== 0 || !right.output.includes('sqlite: usable')) throw new Error(right.output);
  const wrong = await check(home, await configure(home, driver, { path: '', bucket: 'b' }));
  const isTold = ['storage.sqlite.path', 'storage.sqlite.bucket'].every((key) => wrong.output.includes(key));
  if (wrong.code === 0 || !isTold) throw new Error(`wrong parameters were answered by:\n${wrong.output}`);
}

function check(home: string, configuration: string): Promise<{ code: number; output: string }> {
  const options = [
    join(workspace, 'apps/cli/dist/main.js'),
    'storage',
    'check',
    '--standalone',
    '--config',
    configuration,
  ];
  return runToEnd(process.execPath, options, { output: 'collect', folder: home });
}
