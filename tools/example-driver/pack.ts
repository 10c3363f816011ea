import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.ts';

export const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Packs the libraries that a driver's author installs. @returns the paths of the tarballs */
export async function packLibraries(folder: string): Promise<string[]> {
  const packages = join(folder, 'packages');
  await mkdir(packages);
  const tarballs = [];
  for (const library of ['fields', 'oci', 'storage'])
    tarballs.push(await pack(join(workspace, 'libs', library), packages));
  return tarballs;
}

/** @throws Error if the package contains files that it should not publish */
export async function pack(project: string, into: string): Promise<string> {
  const told = await run(project, 'npm', 'pack', '--silent', '--pack-destination', into);
  const tarball = join(into, told.trim().split('\n').at(-1) ?? '');
  const files = (await run(into, 'tar', '-tzf', tarball)).trim().split('\n');
  const strays = files.filter((file) => /\.spec\.|\.tsbuildinfo$|\/node_modules\//.test(file));
  if (strays.length > 0) throw new Error(`${tarball} has in it ${strays.join(', ')}`);
  for (const needed of ['package/dist/index.js', 'package/dist/index.d.ts', 'package/README.md'])
    if (!files.includes(needed)) throw new Error(`${tarball} lacks ${needed}`);
  return tarball;
}
