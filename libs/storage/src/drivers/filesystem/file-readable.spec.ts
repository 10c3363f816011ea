import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isLending, type LendingReadable } from '../../lending-readable.ts';
import { objectKey } from '../../object-key.ts';
import type { ReadOptions } from '../../storage-driver.ts';
import { bytesOf, someBytes } from '../../testing/bytes.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

const mebibyte = 1024 * 1024;
const bytes = someBytes(3 * mebibyte + 17);
const key = objectKey('a');
let root = '';
let driver: FilesystemDriver;
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lending-')));
  driver = new FilesystemDriver({ rootdirectory: root });
  await driver.put(key, bytes);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function opened(options: ReadOptions = {}): Promise<LendingReadable & Readable> {
  const stream = await driver.read(key, options);
  if (!isLending(stream)) throw new Error('it does not lend');
  return stream;
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(root);
    } catch {
      // The descriptor that listed this directory is closed by now.
      return false;
    }
  });
}
const allClosed = (): Promise<void> => vi.waitFor(() => expect(openFiles()).toEqual([]));

describe('FileReadable.lend', () => {
  it.each([
    [0, undefined],
    [5, 5],
    [mebibyte - 3, 2 * mebibyte],
    [bytes.byteLength, undefined],
  ])('lends the bytes of %s-%s and then is closed', async (start, end) => {
    const taken: Buffer[] = [];
    const stream = await opened({ start, end });
    await stream.lend(async (chunk) => void taken.push(Buffer.from(chunk)));
    const expected = bytes.subarray(start, end === undefined ? undefined : end + 1);
    expect(Buffer.concat(taken).equals(expected)).toBe(true);
    expect([stream.readableEnded, stream.closed]).toEqual([true, true]);
    await allClosed();
  });

  it('reuses a buffer only after its user is done', { timeout: 60_000 }, async () => {
    const memory = new Set<ArrayBufferLike>();
    const reads = Array.from({ length: 20 }, async (_, reader) => {
      const start = reader * 1000;
      let position = start;
      const wrong: number[] = [];
      const stream = await opened({ start });
      await stream.lend(async (chunk) => {
        memory.add(chunk.buffer);
        await later((reader * 7 + position) % 5);
        const isRight = bytes.subarray(position, position + chunk.byteLength).equals(chunk);
        if (!isRight) wrong.push(position);
        position += chunk.byteLength;
      });
      return { wrong, position };
    });
    const outcomes = await Promise.all(reads);
    expect(outcomes).toEqual(reads.map(() => ({ wrong: [], position: bytes.byteLength })));
    // 20 readers of 13 chunks each would need 260 buffers; each reader uses two at a time.
    expect(memory.size).toBeLessThan(80);
  });

  it("rejects with its user's error, and never reuses the buffer that the user still has", async () => {
    const stream = await opened();
    const failure = new Error('the socket broke');
    let kept: Uint8Array | undefined;
    const lending = stream.lend((chunk) => {
      kept = chunk;
      return Promise.reject(failure);
    });
    await expect(lending).rejects.toBe(failure);
    for (let round = 0; round < 5; round++) {
      await (await opened({ start: 100 })).lend(async () => undefined);
    }
    expect(kept !== undefined && bytes.subarray(0, kept.byteLength).equals(kept)).toBe(true);
    await allClosed();
  });

  it('rejects at once when the signal is aborted, even if its user hangs', async () => {
    const reason = new Error('shutting down');
    const controller = new AbortController();
    const stream = await opened({ signal: controller.signal });
    const lending = stream.lend(() => new Promise(() => undefined));
    setTimeout(() => controller.abort(reason), 20);
    await expect(lending).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    await allClosed();
  });

  it('rejects when it is destroyed midway', async () => {
    const stream = await opened();
    const lending = stream.lend(async () => void stream.destroy());
    await expect(lending).rejects.toThrow('closed before its end');
    await allClosed();
  });

  it('fails when the file ends early', async () => {
    const stream = await opened();
    truncateSync(join(root, 'a'), mebibyte);
    await expect(stream.lend(async () => undefined)).rejects.toMatchObject({ kind: 'corrupt', key });
  });

  it('refuses to lend a stream that is being read', async () => {
    const stream = await opened();
    const reading = bytesOf(stream);
    await expect(stream.lend(async () => undefined)).rejects.toThrow('being read already');
    expect((await reading).equals(bytes)).toBe(true);
    const lent = await opened();
    const lending = lent.lend(() => later(5));
    lent.resume();
    await expect(lending).rejects.toThrow('lent already');
    await allClosed();
  });
});
