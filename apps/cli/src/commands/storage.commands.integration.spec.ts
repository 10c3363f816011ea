import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migratedDatabase } from '@longshore/metadata/testing';
import { digestToBytes, parseDigest } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

const folder = await mkdtemp(join(tmpdir(), 'longshore-storage-'));
const postgres = await migratedDatabase();
afterAll(async () => {
  await postgres.drop();
  await rm(folder, { recursive: true });
});

async function run(...line: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const environment = { REGISTRY_POSTGRES_URL: postgres.url };
  const print = (text: string): void => void lines.push(text);
  const status = await runCli(line, { environment, print, complain: print });
  return { status, lines };
}

async function configured(name: string, rootdirectory = join(folder, name)): Promise<string> {
  const path = join(folder, `${name}.yml`);
  await writeFile(path, JSON.stringify({ version: '0.1', storage: { filesystem: { rootdirectory } } }));
  return path;
}

describe('longshore storage check', () => {
  it('runs all checks and finds the store usable', async () => {
    const { status, lines } = await run('storage', 'check', '--config', await configured('fine'));
    expect(lines.at(-1)).toBe('filesystem: usable');
    expect(lines.slice(0, -1).every((line) => line.startsWith('ok '))).toBe(true);
    expect(lines).toHaveLength(8);
    expect(status).toBe(0);
  });

  it('reports the reason of each failed check', async () => {
    const file = join(folder, 'a file');
    await writeFile(file, '');
    const { status, lines } = await run('storage', 'check', '--config', await configured('bad', file));
    expect(status).toBe(69);
    expect(lines[0]).toMatch(/^failed {2}write, read and delete: filesystem: /);
    expect(lines.at(-1)).toMatch(/^filesystem: not usable, [1-9] failed$/);
  });
});

describe('longshore storage copy', () => {
  const { db } = postgres.database;
  const stored = async (content: string, store: string): Promise<string> => {
    const digest = parseDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
    const key = `blobs/${randomUUID()}`;
    const path = join(folder, store, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const row = { digest: Buffer.from(digestToBytes(digest)), size: content.length, storage_key: key };
    await db.insertInto('blobs').values(row).execute();
    return key;
  };

  it('copies each blob once, and continues where it stopped', async () => {
    const [from, to] = [await configured('old'), await configured('new')];
    const keys = await Promise.all(['one', 'two', 'three'].map((content) => stored(content, 'old')));
    const first = await run('storage', 'copy', '--from', from, '--to', to);
    expect(first).toMatchObject({ status: 0 });
    expect(first.lines.at(-1)).toBe('all 3 blobs are in filesystem');
    const copies = await Promise.all(keys.map((key) => readFile(join(folder, 'new', key), 'utf8')));
    expect(copies).toEqual(['one', 'two', 'three']);
    await stored('four', 'old');
    const second = await run('storage', 'copy', '--from', from, '--to', to);
    expect(second.lines[0]).toBe('1 copied (0.0 MB), 3 there already, 0 failed');
    expect(second.lines.at(-1)).toBe('all 4 blobs are in filesystem');
  });

  it('skips a blob whose bytes do not match its digest, names it, and fails', async () => {
    const [from, to] = [await configured('old'), await configured('third')];
    const key = await stored('five', 'old');
    await chmod(join(folder, 'old', key), 0o644);
    await writeFile(join(folder, 'old', key), 'six!');
    const { status, lines } = await run('storage', 'copy', '--from', from, '--to', to);
    expect(status).toBe(1);
    expect(lines.join('\n')).toMatch(/sha256:[0-9a-f]{64}: the store has other bytes than the blob's/);
    await expect(readFile(join(folder, 'third', key))).rejects.toThrow('ENOENT');
  });

  it('needs both configurations', async () => {
    expect(await run('storage', 'copy', '--from', 'x')).toMatchObject({ status: 64 });
  });
});
