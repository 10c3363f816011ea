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

/** Spoils each chunk that it gets back: what is stored shows whether one came back too early. */
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

  it('gives back what a write took in several parts', async () => {
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

  it('gives back what arrived before the source broke off', async () => {
    const source = lending(failingAfter(someBytes(size), new Error('gone')));
    const written = await writeSource(handle, 0, source, undefined);
    expect(written).toMatchObject({ offset: size, interrupted: { message: 'gone' } });
    expect(source.returned).toBe(size);
  });

  it('gives nothing back that it could not write', async () => {
    const source = lending(inChunks(someBytes(size)));
    vi.spyOn(handle, 'writev').mockRejectedValue(new Error('ENOSPC'));
    await expect(writeSource(handle, 0, source, undefined)).rejects.toThrow('ENOSPC');
    expect(source.returned).toBe(0);
  });
});
