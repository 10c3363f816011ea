import { failingAfter, inChunks, silentAfter, someBytes } from '@longshore/storage/testing';
import { describe, expect, it } from 'vitest';
import { type Part, PartSource } from './part-source.ts';

const none = Buffer.alloc(0);

async function parts(source: AsyncIterable<Uint8Array>, size: number, before = none): Promise<Part[]> {
  using cutter = new PartSource(source, { before, signal: undefined });
  const taken: Part[] = [];
  do {
    taken.push(await cutter.next(size));
  } while (taken.at(-1)?.isLast === false);
  return taken;
}

describe('PartSource', () => {
  it.each([
    [10, 4, [4, 4, 2]],
    [8, 4, [4, 4, 0]],
    [3, 4, [3]],
    [0, 4, [0]],
    [300_000, 100_000, [100_000, 100_000, 100_000, 0]],
  ])('cuts %i bytes into parts of %i', async (size, partSize, sizes) => {
    const bytes = someBytes(size);
    for (const chunkSize of [1, 3, 70_000, 1_000_000]) {
      if (size / chunkSize > 1000) continue;
      const taken = await parts(inChunks(bytes, chunkSize), partSize);
      expect(taken.map((part) => part.bytes.byteLength)).toEqual(sizes);
      expect(Buffer.concat(taken.map((part) => part.bytes)).equals(bytes)).toBe(true);
    }
  });

  it('begins with the bytes from before, even if they are more than a part', async () => {
    const taken = await parts(inChunks(Buffer.from('cdef')), 3, Buffer.from('ab'));
    expect(taken.map((part) => String(part.bytes))).toEqual(['abc', 'def', '']);
    const long = await parts(inChunks(none), 2, Buffer.from('abcde'));
    expect(long.map((part) => String(part.bytes))).toEqual(['ab', 'cd', 'e']);
  });

  it('gives a chunk back once, after all its bytes are in parts', async () => {
    const bytes = someBytes(1000);
    let back = 0;
    async function* source(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (let at = 0; at < 1000; at += 100) yield Uint8Array.from(bytes.subarray(at, at + 100));
    }
    const lending = Object.assign(source(), {
      takeBack({ buffer }: Uint8Array<ArrayBuffer>): void {
        back++;
        buffer.transfer();
      },
    });
    const taken = await parts(lending, 250);
    expect(Buffer.concat(taken.map((part) => part.bytes)).equals(bytes)).toBe(true);
    expect(back).toBe(10);
  });

  it('gives the bytes before a failure, and the failure', async () => {
    const failure = new Error('gone');
    const [first, last] = await parts(failingAfter(Buffer.from('abcd'), failure), 3);
    expect(first).toMatchObject({ isLast: false });
    expect(last).toMatchObject({ bytes: Buffer.from('d'), isLast: true, interrupted: failure });
  });

  it('does not wait for a silent source when its signal is aborted', async () => {
    const controller = new AbortController();
    using cutter = new PartSource(silentAfter(Buffer.from('a')), {
      before: none,
      signal: controller.signal,
    });
    const next = cutter.next(10);
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(next).rejects.toThrow('enough');
  });
});
