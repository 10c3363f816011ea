import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isLending } from '../../lending-readable.ts';
import { objectKey } from '../../object-key.ts';
import { someBytes } from '../../testing/bytes.ts';
import { FilesystemDriver } from './filesystem-driver.ts';
import { areBuffersScarce } from './read-buffers.ts';

const mebibyte = 1024 * 1024;
const bytes = someBytes(3 * mebibyte);
const key = objectKey('blob');
let root = '';
let driver: FilesystemDriver;
const streams: Readable[] = [];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'buffers-')));
  writeFileSync(join(root, key), bytes);
  driver = new FilesystemDriver({ rootdirectory: root });
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.on('error', () => undefined).destroy();
  rmSync(root, { recursive: true, force: true });
});

/** Opens a reader that takes one chunk and keeps it until `goOn` is called. */
async function standing(): Promise<{ size: number; goOn: () => void; all: Promise<Buffer> }> {
  const stream = await driver.read(key);
  streams.push(stream);
  if (!isLending(stream)) throw new Error('files are lent');
  const first = Promise.withResolvers<number>();
  const goOn = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  const lent = stream.lend(async (chunk) => {
    first.resolve(chunk.byteLength);
    await goOn.promise;
    chunks.push(Buffer.from(chunk));
  });
  const all = lent.then(() => Buffer.concat(chunks));
  all.catch(() => undefined);
  return { size: await first.promise, goOn: () => goOn.resolve(), all };
}

it('holds little memory for each of many stalled readers, and gives the right bytes when they go on', async () => {
  const readers: Awaited<ReturnType<typeof standing>>[] = [];
  // The later readers find the large buffers taken.
  for (let reader = 0; reader < 300; reader++) readers.push(await standing());
  expect(areBuffersScarce()).toBe(true);
  const held = readers.reduce((sum, { size }) => sum + size, 0);
  // Each of the first readers has a second buffer prepared: 128 large buffers in all. The other readers have small ones.
  expect(held).toBeLessThan(128 * 256 * 1024 + 300 * 64 * 1024);
  expect(readers.at(-1)?.size).toBe(64 * 1024);
  for (const { goOn } of readers) goOn();
  for (const { all } of readers) expect((await all).equals(bytes)).toBe(true);
  expect(areBuffersScarce()).toBe(false);
});
