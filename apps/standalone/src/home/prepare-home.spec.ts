import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareHome } from './prepare-home.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prepare-home-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('prepareHome', () => {
  it('keeps its secret', async () => {
    const { secret } = await prepareHome(join(folder, 'home'));
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(await prepareHome(join(folder, 'home'))).toEqual({ secret });
  });

  it('makes a new secret if a full disk has left an empty file', async () => {
    await writeFile(join(folder, 'secret'), '');
    expect((await prepareHome(folder)).secret).toMatch(/^[0-9a-f]{64}$/);
  });

  it('fails if a directory cannot be created', async () => {
    await expect(prepareHome('/proc/absent/home')).rejects.toThrow(
      /cannot be used: ENOENT.*Set LONGSHORE_HOME/,
    );
  });

  it('names the owner of a home that belongs to another user', async () => {
    const home = process.getuid?.() === 0 ? join(folder, 'home') : '/home-of-nobody';
    if (process.getuid?.() === 0) await mkdir(home, { mode: 0o700 });
    await chmod(folder, 0o755);
    await expect(asNormalUser(() => prepareHome(home))).rejects.toThrow(
      /^its home \S+ cannot be used: it belongs to root, and this is \S+\. Start the registry as its user/,
    );
  });

  it('reports that there is no space left', () => {
    const program = `
      const { prepareHome } = await import(${JSON.stringify(join(import.meta.dirname, 'prepare-home.ts'))});
      await prepareHome(process.argv[1]);`;
    // A directory that has room for one page.
    const mount =
      'mount -t tmpfs -o size=4k,nr_inodes=64 tmpfs "$1" && head -c 4096 /dev/zero >"$1/all" && exec "$0" --input-type=module --eval "$2" "$1"';
    const { stderr } = spawnSync(
      'unshare',
      ['--user', '--map-root-user', '--mount', 'sh', '-c', mount, process.execPath, folder, program],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(/its home \S+ cannot be used: there is no space left on its disk/);
  });
});

async function asNormalUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
