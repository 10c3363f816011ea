import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { isLending, StorageError } from '@longshore/storage';
import { bytesOf, someBytes } from '@longshore/storage/testing';
import { describe, expect, it } from 'vitest';
import { readResuming } from './read-resuming.ts';

const bytes = someBytes(1_000_000);

const ways = {
  given: bytesOf,
  /** Reads slowly: lent bytes must not change until the reader is done with them. */
  async lent(stream: Readable): Promise<Buffer> {
    if (!isLending(stream)) throw new Error('it does not lend');
    const taken: Buffer[] = [];
    await stream.lend(async (chunk) => {
      await setImmediate();
      taken.push(Buffer.from(chunk));
    });
    return Buffer.concat(taken);
  },
};

const about = { driver: 'test', key: 'a', signal: undefined };

/** A body that yields some of the requested bytes and then breaks, or ends without an error. */
function bodyOf(from: number, behind: number, how: 'breaks' | 'ends' | 'whole'): Readable {
  const body = new Readable({ read: () => undefined, highWaterMark: 1_000_000 });
  const until = how === 'whole' ? behind : Math.min(behind, from + 100_000);
  for (let at = from; at < until; at += 10_000)
    body.push(Uint8Array.from(bytes.subarray(at, Math.min(at + 10_000, until))));
  if (how === 'breaks') void setImmediate().then(() => body.destroy(new Error('ECONNRESET')));
  else body.push(null);
  return body;
}

function store(how: 'breaks' | 'ends' | 'whole') {
  const starts: number[] = [];
  const get = async (range: { start?: number | undefined; end?: number | undefined }) => {
    const { start = 0, end = bytes.byteLength - 1 } = range;
    starts.push(start);
    const behind = Math.min(end + 1, bytes.byteLength);
    return { body: bodyOf(start, behind, how), size: bytes.byteLength, etag: 'e' };
  };
  return { get, size: () => Promise.resolve(bytes.byteLength), starts };
}

function storeOf(size: number, open: () => Readable) {
  const get = () => Promise.resolve({ body: open(), size, etag: 'e' });
  return { get, size: () => Promise.resolve(size) };
}

describe.each(['given', 'lent'] as const)('readResuming, its bytes %s,', (way) => {
  const wholeOf = ways[way];

  it.each(['breaks', 'ends'] as const)('continues after the last byte when a body %s early', async (how) => {
    const source = store(how);
    const read = await readResuming({ ...about, range: {} }, source);
    expect((await wholeOf(read)).equals(bytes)).toBe(true);
    expect(source.starts.length).toBeGreaterThanOrEqual(10);
  });

  it('gives a range, and no bytes at the end of the object', async () => {
    const source = store('breaks');
    const read = await readResuming({ ...about, range: { start: 5, end: 300_000 } }, source);
    expect((await wholeOf(read)).equals(bytes.subarray(5, 300_001))).toBe(true);
  });

  it('asks once for a body that does not break, and lets it end', async () => {
    let ended = false;
    const source = store('whole');
    const get: typeof source.get = async (range) => {
      const opened = await source.get(range);
      opened.body.once('end', () => (ended = true));
      return opened;
    };
    expect(await wholeOf(await readResuming({ ...about, range: {} }, { ...source, get }))).toHaveLength(
      bytes.byteLength,
    );
    await setImmediate();
    expect([source.starts, ended]).toEqual([[0], true]);
  });

  it('gives up after bodies that break without a byte', async () => {
    const read = await readResuming(
      { ...about, range: {} },
      storeOf(10, () => Readable.from([], { objectMode: false })),
    );
    await expect(wholeOf(read)).rejects.toMatchObject({ kind: 'unavailable', key: 'a' });
  });

  it('fails if the object was replaced', async () => {
    const source = store('breaks');
    const get: typeof source.get = async (range) => {
      if (source.starts.length === 0) return source.get(range);
      throw new StorageError('corrupt', about);
    };
    const read = await readResuming({ ...about, range: {} }, { ...source, get });
    await expect(wholeOf(read)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('fails if the store sends more bytes than it announced', async () => {
    const read = await readResuming(
      { ...about, range: {} },
      storeOf(999, () => bodyOf(0, 1000, 'whole')),
    );
    await expect(wholeOf(read)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('destroys its body when it is destroyed, and fails with the reason of its signal', async () => {
    const body = new Readable({ read: () => undefined });
    const controller = new AbortController();
    const wanted = { ...about, range: {}, signal: controller.signal };
    const read = await readResuming(
      wanted,
      storeOf(10, () => body),
    );
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(wholeOf(read)).rejects.toThrow('enough');
    expect(body.destroyed).toBe(true);
  });
});
