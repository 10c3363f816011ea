import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { serviceNames } from '../support/service-names.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Arm64Machine, fetchArm64Machine } from './arm64-machine.ts';
import { ownContainerStorage } from './container-storage.ts';
import { buildImages, type Image, readLayout, unpack } from './image-layout.ts';

/** EM_AARCH64 of the ELF header. */
const aarch64 = 183;

describe('npm run images -- --base, with a base of arm64', async () => {
  const folder = await temporaryFolder('arm64');
  const layout = join(folder, 'layout');
  const root = join(folder, 'root');
  let machine: Arm64Machine;
  let images: ReadonlyMap<string, Image> = new Map();

  beforeAll(async () => {
    machine = await fetchArm64Machine(folder);
    const environment = await ownContainerStorage(folder);
    const base = 'localhost/longshore-test/base:arm64';
    const file = join(folder, 'Containerfile');
    await writeFile(file, 'FROM scratch\nCOPY . /\n');
    await run('buildah', ['build', '--arch=arm64', `--tag=${base}`, `--file=${file}`, machine.base], {
      environment,
    });
    await buildImages(['--layout', layout, '--base', base], environment);
    images = await readLayout(layout);
    const service = images.get('blob-service');
    if (service !== undefined) await unpack(layout, service, root);
  }, 600_000);

  it('builds the application of that architecture, and nothing from programs of this machine', () => {
    expect([...images.keys()].toSorted()).toEqual([...serviceNames, 'cli', 'standalone'].toSorted());
    expect(new Set([...images.values()].map(({ architecture }) => architecture))).toEqual(new Set(['arm64']));
  });

  it('puts no program of another architecture into an image', async () => {
    const machines = await elfMachines(root);
    expect(machines.get('usr/local/bin/node')).toBe(aarch64);
    expect([...machines].filter(([, found]) => found !== aarch64)).toEqual([]);
  });

  it('makes images that run', async () => {
    const node = (...options: readonly string[]): Promise<string> =>
      run(machine.emulator, ['-L', root, join(root, 'usr/local/bin/node'), ...options]);
    expect(await node('--print', 'process.arch + process.version')).toBe(`arm64${process.version}`);
    const cli = join(root, 'opt/longshore/apps/cli/dist/main.js');
    expect(await node(cli, 'configuration', 'describe', 'storage')).toContain('rootdirectory');
  });
});

/** For whom each program and library below a folder is, as its ELF header says. */
async function elfMachines(folder: string): Promise<ReadonlyMap<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = new Map<string, number>();
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20);
    if (bytesRead === 20 && buffer.toString('latin1', 0, 4) === '\x7fELF')
      found.set(path.slice(folder.length + 1), buffer.readUInt16LE(18));
  }
  return found;
}
