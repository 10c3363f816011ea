import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { bytesOf, failingAfter, inChunks, sha256Of, silentAfter, longSource, someBytes } from '../bytes.ts';
import { heldBytes, watching } from '../held-bytes.ts';
import { largeBytes } from '../large-bytes.ts';
import type { Subject } from '../subject.ts';

/** Memory that a driver may hold for one call: a few parts of an object store, with room for other allocations. */
const constantBytes = 32 * 1024 * 1024;

export function describeAppend(use: () => Subject): void {
  it.each([
    ['32 bytes', 32],
    ['1 byte', 1],
    ['just under 1 MiB', 1024 * 1024 - 1],
    ['just over 1 MiB', 1024 * 1024 + 1],
    ['10 MiB', 10 * 1024 * 1024],
  ])('goes on from where another process stopped, three times %s', async (_, size) => {
    const subject = use();
    const parts = [1, 2, 3].map((seed) => someBytes(size, seed));
    let upload = subject.upload();
    for (const [index, part] of parts.entries()) {
      upload = await subject.append(upload, part, index % 2 === 0 ? subject.driver : subject.other);
      expect(upload.offset).toBe((index + 1) * size);
    }
    const key = await subject.commit(upload);
    expect((await subject.content(key)).equals(Buffer.concat(parts))).toBe(true);
  });

  it('takes parts of different sizes, empty ones among them', async () => {
    const subject = use();
    const parts = [0, 5, 0, 1_500_000, 1, 0, 300].map((size, seed) => someBytes(size, seed));
    let upload = subject.upload();
    for (const part of parts) upload = await subject.append(upload, part);
    const key = await subject.commit(upload);
    expect((await subject.content(key)).equals(Buffer.concat(parts))).toBe(true);
  });

  it.each([1, 7, 1000, 3_000_000])('takes a source in chunks of %d bytes', async (chunkSize) => {
    const subject = use();
    const bytes = someBytes(chunkSize < 1000 ? 20_000 : 3_100_000);
    const upload = subject.upload();
    const appended = await subject.driver.append(upload, inChunks(bytes, chunkSize));
    expect(appended).toMatchObject({ offset: bytes.byteLength });
    expect(appended.interrupted).toBeUndefined();
    const key = await subject.commit({ key: upload.key, ...appended });
    expect((await subject.content(key)).equals(bytes)).toBe(true);
  });

  it('discards what lies beyond the offset', async () => {
    const subject = use();
    const first = await subject.append(subject.upload(), someBytes(1000, 1));
    await subject.append(first, someBytes(5_000_000, 2));
    const second = await subject.append(first, someBytes(10, 3));
    expect(second.offset).toBe(1010);
    const content = await subject.content(await subject.commit(second));
    expect(content.equals(Buffer.concat([someBytes(1000, 1), someBytes(10, 3)]))).toBe(true);
  });

  it('begins anew at offset 0 with whatever is there', async () => {
    const subject = use();
    const upload = subject.upload();
    await subject.append(upload, someBytes(100_000));
    const key = await subject.commit(await subject.append(upload, Buffer.from('short')));
    expect(String(await subject.content(key))).toBe('short');
  });

  it('keeps what arrived of a source that fails, and tells how it failed', async () => {
    const subject = use();
    const failure = new Error('the client went away');
    const upload = subject.upload();
    const bytes = someBytes(2_500_000);
    const appended = await subject.driver.append(upload, failingAfter(bytes, failure));
    expect(appended).toMatchObject({ offset: bytes.byteLength, interrupted: failure });
    const whole = await subject.append(
      { key: upload.key, ...appended },
      Buffer.from('the rest'),
      subject.other,
    );
    const content = await subject.content(await subject.commit(whole));
    expect(content.equals(Buffer.concat([bytes, Buffer.from('the rest')]))).toBe(true);
  });

  it('tells of a source that fails with nothing at all', async () => {
    const appended = await use().driver.append(use().upload(), failingAfter(Buffer.alloc(0), undefined));
    expect(appended.offset).toBe(0);
    expect(appended.interrupted).toBeDefined();
  });

  it('rejects with the reason of its signal, even when the source is silent, and the upload is as before', async () => {
    const subject = use();
    const first = await subject.append(subject.upload(), someBytes(70_000));
    const reason = new Error('lease lost');
    const controller = new AbortController();
    const appending = subject.driver.append(first, silentAfter(someBytes(3_000_000)), {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(reason), 50);
    await expect(appending).rejects.toBe(reason);
    const whole = await subject.append(first, Buffer.from('!'), subject.other);
    const content = await subject.content(await subject.commit(whole));
    expect(content.equals(Buffer.concat([someBytes(70_000), Buffer.from('!')]))).toBe(true);
  });

  it('stops its source when the signal is aborted', async () => {
    let stopped = false;
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          // Let other tasks run.
          await sleep(1);
          yield someBytes(100);
        }
      } finally {
        stopped = true;
      }
    }
    const appending = use().driver.append(use().upload(), endless(), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(appending).rejects.toThrow('enough');
    await sleep(20);
    expect(stopped).toBe(true);
  });

  it('does not begin when the signal is aborted', async () => {
    const reason = new Error('too late');
    const appending = use().driver.append(use().upload(), inChunks(Buffer.from('x')), {
      signal: AbortSignal.abort(reason),
    });
    await expect(appending).rejects.toBe(reason);
  });

  it('refuses to go on from bytes that are not there', async () => {
    const subject = use();
    const never = { ...subject.upload(), offset: 10 };
    await expect(subject.append(never, Buffer.from('x'))).rejects.toMatchObject({ kind: 'absent' });
  });

  it.each([-1, 0.5, Number.NaN])('refuses the offset %d', async (offset) => {
    const upload = { ...use().upload(), offset };
    await expect(use().append(upload, Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid-range' });
  });

  it(
    'streams a large object in and out in little memory, without a wrong byte',
    { timeout: 900_000 },
    async () => {
      const subject = use();
      const size = largeBytes();
      const before = heldBytes();
      let most = before;
      const see = (held: number): void => {
        most = Math.max(most, held);
      };
      const upload = subject.upload();
      const appended = await subject.driver.append(upload, watching(longSource(size), see));
      expect(appended.offset).toBe(size);
      const key = await subject.commit({ key: upload.key, ...appended });
      expect((await subject.driver.stat(key)).size).toBe(size);
      const found = await sha256Of(watching(await subject.driver.read(key), see));
      expect(found).toBe(await sha256Of(longSource(size)));
      expect(most - before).toBeLessThan(subject.isMemory ? 2 * size : constantBytes);
      const tail = await bytesOf(await subject.driver.read(key, { start: size - 5 }));
      expect(tail).toHaveLength(5);
      await subject.driver.delete([key]);
    },
  );
}

/** Tests of a store that can fail midway through an append. */
export function describeBrokenAppend(use: () => Subject): void {
  it('rejects when the store fails midway, and the upload is as before', async () => {
    const subject = use();
    if (subject.breakAppend === undefined) throw new Error('the driver under test has no breakAppend');
    const first = await subject.append(subject.upload(), someBytes(70_000));
    const mend = subject.breakAppend();
    const failure = { name: 'StorageError', driver: subject.driver.name };
    await expect(subject.append(first, someBytes(5_000_000, 2))).rejects.toMatchObject(failure);
    mend();
    const whole = await subject.append(first, Buffer.from('!'), subject.other);
    const content = await subject.content(await subject.commit(whole));
    expect(content.equals(Buffer.concat([someBytes(70_000), Buffer.from('!')]))).toBe(true);
  });
}
