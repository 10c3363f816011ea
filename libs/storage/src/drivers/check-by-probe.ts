import { randomUUID } from 'node:crypto';
import { objectKey } from '../object-key.ts';
import type { StorageDriver } from '../storage-driver.ts';
import { StorageError } from '../storage-error.ts';

/**
 * Takes a few bytes the way a blob takes: appended, committed under another name where the driver renames, read, deleted. So a store that only
 * lacks one of the permissions, or spreads over file systems that do not rename into each other, says so before a client meets it.
 */
export async function checkByProbe(driver: StorageDriver, signal: AbortSignal | undefined): Promise<void> {
  const id = randomUUID();
  const probe = Buffer.from(`probe ${id}`);
  const key = objectKey(`uploads/probe-${id}`);
  const finalKey = driver.capabilities.renames ? objectKey(`blobs/probe/${id}`) : key;
  try {
    const appended = await driver.append({ key, offset: 0, state: null }, once(probe), { signal });
    await driver.commit({ key, ...appended }, finalKey);
    if (!probe.equals(await firstBytes(await driver.read(finalKey, { signal }), probe.byteLength))) {
      const reason = 'reads other bytes than were written';
      throw new StorageError('corrupt', { driver: driver.name, key: finalKey, reason });
    }
  } finally {
    const { failed } = await driver.delete([key, finalKey]);
    // oxlint-disable-next-line no-unsafe-finally -- a probe that cannot be deleted is the answer, too
    if (failed[0] !== undefined) throw failed[0].error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Takes no more from a store that answers with too much. */
async function firstBytes(source: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const taken = Buffer.alloc(length + 1);
  let size = 0;
  for await (const chunk of source) {
    taken.set(chunk.subarray(0, taken.byteLength - size), size);
    size = Math.min(size + chunk.byteLength, taken.byteLength);
    if (size === taken.byteLength) break;
  }
  return taken.subarray(0, size);
}
