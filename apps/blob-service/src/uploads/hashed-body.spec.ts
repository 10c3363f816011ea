import { PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HashedBody } from './hashed-body.ts';
import { nativeDigester } from './upload-digester.ts';

/** Makes a body that yields what the test pushes. */
const pushed = (): Readable => new Readable({ read: () => undefined, highWaterMark: 64 * 1024 });

async function stored(body: HashedBody): Promise<{ bytes: string; failure: unknown }> {
  let bytes = '';
  try {
    for await (const chunk of body) bytes += String(chunk);
    return { bytes, failure: undefined };
  } catch (failure) {
    return { bytes, failure };
  }
}

describe('HashedBody', () => {
  it('passes on every chunk, after the digesters have seen it', async () => {
    const seen: string[] = [];
    const update = (chunk: Uint8Array): void => void seen.push(`hash ${String(chunk)}`);
    const source = Readable.from([Buffer.from('a'), Buffer.from('b')]);
    const body = new HashedBody(source, [{ ...nativeDigester('sha256'), update }]);
    for await (const chunk of body) seen.push(`store ${String(chunk)}`);
    expect(seen).toEqual(['hash a', 'store a', 'hash b', 'store b']);
  });

  it('ends with an empty body, whether it is read before or after its end', async () => {
    expect(await stored(new HashedBody(Readable.from([]), []))).toEqual({ bytes: '', failure: undefined });
    const over = Readable.from([]).resume();
    await turn();
    expect(await stored(new HashedBody(over, []))).toEqual({ bytes: '', failure: undefined });
  });

  it('yields what arrived before the body broke off, then throws its error', async () => {
    const failure = new Error('the client has gone');
    const source = pushed();
    const body = new HashedBody(source, []);
    const iterator = body[Symbol.asyncIterator]();
    for (const part of ['one ', 'two ']) source.push(Buffer.from(part));
    await turn();
    source.destroy(failure);
    await turn();
    expect(String((await iterator.next()).value)).toBe('one ');
    expect(String((await iterator.next()).value)).toBe('two ');
    await expect(iterator.next()).rejects.toBe(failure);
  });

  it('fails if the body closes without an end', async () => {
    const source = pushed();
    source.push(Buffer.from('half'));
    setTimeout(() => source.destroy(), 10);
    expect(await stored(new HashedBody(source, []))).toMatchObject({
      bytes: 'half',
      failure: { code: 'ERR_STREAM_PREMATURE_CLOSE' },
    });
  });

  it('hashes only the chunks that were requested, not the waiting ones', async () => {
    const hashed: string[] = [];
    const update = (chunk: Uint8Array): void => void hashed.push(String(chunk));
    const source = pushed();
    const iterator = new HashedBody(source, [{ ...nativeDigester('sha256'), update }])[
      Symbol.asyncIterator
    ]();
    for (const part of ['one', 'two']) source.push(Buffer.from(part));
    await iterator.next();
    expect(hashed).toEqual(['one']);
  });

  it('reads a body no faster than its chunks are requested', async () => {
    let produced = 0;
    const source = new Readable({
      highWaterMark: 64 * 1024,
      read() {
        produced += 65_536;
        this.push(produced > 64 * 1024 * 1024 ? null : Buffer.alloc(65_536));
      },
    });
    let taken = 0;
    let furthest = 0;
    for await (const chunk of new HashedBody(source, [])) {
      if (taken % (1024 * 1024) === 0) await turn();
      taken += chunk.byteLength;
      furthest = Math.max(furthest, produced - taken);
    }
    expect(taken).toBe(64 * 1024 * 1024);
    expect(furthest).toBeLessThanOrEqual(512 * 1024);
  });

  it('discards the rest when the store stops reading', async () => {
    const source = new PassThrough({ highWaterMark: 1024 });
    const body = new HashedBody(source, []);
    source.write(Buffer.alloc(1024));
    for await (const chunk of body) if (chunk.byteLength > 0) break;
    for (let sent = 0; sent < 1024; sent++) {
      if (!source.write(Buffer.alloc(1024))) await new Promise((resolve) => source.once('drain', resolve));
    }
    expect(source.readableLength).toBeLessThanOrEqual(1024);
  });

  it('frees memory that comes back, but not a part of a larger buffer', () => {
    const body = new HashedBody(pushed(), []);
    const whole = Buffer.from(new ArrayBuffer(100));
    body.takeBack(whole);
    expect(whole.byteLength).toBe(0);
    const part = Buffer.from(new ArrayBuffer(100), 0, 50);
    body.takeBack(part);
    expect(part.byteLength).toBe(50);
  });
});
