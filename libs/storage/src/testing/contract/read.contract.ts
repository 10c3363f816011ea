import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { once } from 'node:events';
import { beforeAll, expect, it, vi } from 'vitest';
import type { ObjectKey } from '../../object-key.ts';
import { bytesOf, someBytes } from '../bytes.ts';
import type { Subject } from '../subject.ts';

const size = 1024 * 1024 + 17;

export function describeRead(use: () => Subject): void {
  const bytes = someBytes(size);
  let key: ObjectKey;
  beforeAll(async () => {
    key = await use().stored(bytes);
  });

  it.each([
    ['from the first byte', 0, undefined],
    ['from the middle', 500_000, undefined],
    ['the last byte', size - 1, undefined],
    ['the first byte', 0, 0],
    ['a middle part', 65_535, 65_537],
    ['all of it', 0, size - 1],
    ['a part whose end lies beyond the object', size - 10, size + 1000],
    ['nothing, from the very end', size, undefined],
  ])('reads %s', async (_, start, end) => {
    const read = await bytesOf(await use().driver.read(key, { start, end }));
    expect(read.equals(bytes.subarray(start, end === undefined ? size : end + 1))).toBe(true);
  });

  it.each([
    [size + 1, undefined],
    [size + 100, size + 200],
    [-1, undefined],
    [5, 4],
    [1.5, undefined],
    [0, Number.NaN],
  ])('refuses the range %d-%s', async (start, end) => {
    const refusal = { kind: 'invalid-range', key, driver: use().driver.name };
    await expect(use().driver.read(key, { start, end })).rejects.toMatchObject(refusal);
  });

  it('reads an empty object as no bytes', async () => {
    expect(await bytesOf(await use().driver.read(await use().stored(Buffer.alloc(0))))).toHaveLength(0);
  });

  it('says absent before there is a stream', async () => {
    const absent = { kind: 'absent', driver: use().driver.name };
    await expect(use().driver.read(use().key())).rejects.toMatchObject(absent);
    await expect(use().driver.read(use().key(), { start: 64 })).rejects.toMatchObject(absent);
  });

  it('opens nothing when the signal is aborted, and gives its reason', async () => {
    const reason = new Error('not any more');
    await expect(use().driver.read(key, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('fails the stream when the signal is aborted midway', async () => {
    const controller = new AbortController();
    const stream = await use().driver.read(key, { signal: controller.signal });
    const failed = once(stream, 'error');
    controller.abort(new Error('enough'));
    await failed;
    expect(stream.destroyed).toBe(true);
  });

  it('frees what it holds when a reader goes away, early or midway', async () => {
    const before = openFiles();
    const readers = Array.from({ length: 20 }, async (_, index) => {
      const stream = await use().driver.read(key);
      if (index % 2 === 0) for await (const chunk of stream) if (chunk !== undefined) break;
      stream.destroy();
    });
    await Promise.all(readers);
    await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(before), { timeout: 5000 });
  });

  it('goes on giving the old bytes, or fails, when the object is deleted meanwhile', async () => {
    const doomed = await use().stored(bytes);
    const stream = await use().driver.read(doomed);
    await use().other.delete([doomed]);
    const read = await bytesOf(stream).catch(() => undefined);
    expect(read === undefined || read.equals(bytes)).toBe(true);
  });
}

/** Counts this process's descriptors of files. Sockets to a store may stay open and do not count. */
function openFiles(): number {
  const directory = '/proc/self/fd';
  if (!existsSync(directory)) return 0;
  const targets = readdirSync(directory).map((fd) => {
    try {
      return readlinkSync(`${directory}/${fd}`);
    } catch {
      // The descriptor that listed the directory is in the list but closed by now.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith('/') && target.includes('suite-')).length;
}
