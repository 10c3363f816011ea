import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LendingSource } from '../../lending-source.ts';
import { failingAfter, inChunks, someBytes } from '../../testing/bytes.ts';
import { writeSource } from './write-source.ts';

const size = 5 * 1024 * 1024 + 7;
let directory = '';
let handle: FileHandle;
beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lent-')));
  handle = await open(join(directory, 'file'), 'w');
});
afterEach(async () => {
  await handle.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Overwrites each chunk that it gets back, so the stored bytes show whether a chunk was returned too early. */
function lending(source: AsyncIterable<Uint8Array>): LendingSource & { returned: number } {
  return {
    returned: 0,
    [Symbol.asyncIterator]: () => source[Symbol.asyncIterator](),
    takeBack(chunk) {
      this.returned += chunk.byteLength;
      chunk.fill(0xee);
    },
  };
}

describe('writeSource and a source that lends', () => {
  it.each([1000, 65_536, 3_000_000])(
    'gives each chunk of %d bytes back when it is written',
    async (length) => {
      const source = lending(inChunks(someBytes(size), length));
      await expect(writeSource(handle, 0, source, undefined)).resolves.toEqual({ offset: size });
      expect(source.returned).toBe(size);
      expect(readFileSync(join(directory, 'file')).equals(someBytes(size))).toBe(true);
    },
  );

  it('returns a chunk that was written in several parts', async () => {
    const source = lending(inChunks(someBytes(size)));
    vi.spyOn(handle, 'writev').mockImplementation(async function short(this: FileHandle, chunks, position) {
      const [first] = chunks;
      const part = new Uint8Array(
        first?.buffer ?? new ArrayBuffer(),
        first?.byteOffset,
        1 + (first?.byteLength ?? 0) / 2,
      );
      const { bytesWritten } = await this.write(part, 0, undefined, position);
      return { bytesWritten, buffers: chunks };
    });
    await writeSource(handle, 0, source, undefined);
    expect(source.returned).toBe(size);
    expect(readFileSync(join(directory, 'file')).equals(someBytes(size))).toBe(true);
  });

  it('returns the chunks that arrived before the source failed', async () => {
    const source = lending(failingAfter(someBytes(size), new Error('gone')));
    const written = await writeSource(handle, 0, source, undefined);
    expect(written).toMatchObject({ offset: size, interrupted: { message: 'gone' } });
    expect(source.returned).toBe(size);
  });

  it('does not return a chunk that it could not write', async () => {
    const source = lending(inChunks(someBytes(size)));
    vi.spyOn(handle, 'writev').mockRejectedValue(new Error('ENOSPC'));
    await expect(writeSource(handle, 0, source, undefined)).rejects.toThrow('ENOSPC');
    expect(source.returned).toBe(0);
  });
});

describe('writeSource and a stalled source', () => {
  it('writes the bytes received so far, and continues after them', async () => {
    const [first, second] = [someBytes(900_000), someBytes(700_000)];
    const goOn = Promise.withResolvers<void>();
    async function* standing(): AsyncGenerator<Uint8Array> {
      yield first.subarray(0, 400_000);
      yield first.subarray(400_000);
      await goOn.promise;
      yield second;
    }
    const source = lending(standing());
    const writing = writeSource(handle, 0, source, undefined);
    await expect.poll(() => source.returned, { timeout: 10_000 }).toBe(first.byteLength);
    goOn.resolve();
    await expect(writing).resolves.toEqual({ offset: 1_600_000 });
    const whole = Buffer.concat([someBytes(900_000), someBytes(700_000)]);
    expect(readFileSync(join(directory, 'file')).equals(whole)).toBe(true);
  });

  it('rejects with the error of that write', async () => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    const writev = vi.spyOn(handle, 'writev').mockRejectedValue(full);
    const goOn = Promise.withResolvers<void>();
    async function* standing(): AsyncGenerator<Uint8Array> {
      yield someBytes(1000);
      await goOn.promise;
      yield someBytes(1000);
    }
    const writing = writeSource(handle, 0, standing(), undefined);
    await expect.poll(() => writev.mock.calls.length, { timeout: 10_000 }).toBe(1);
    goOn.resolve();
    await expect(writing).rejects.toBe(full);
  });
});
