import { randomUUID } from 'node:crypto';
import { type ObjectKey, objectKey } from '../object-key.ts';
import type { StorageDriver } from '../storage-driver.ts';
import { StorageError } from '../storage-error.ts';

/** Key prefixes of a probe: while it is uploaded, and after its commit where the driver renames. */
const probePrefixes = ['uploads/probe-', 'blobs/probe/'] as const;

/** Deletes the probes of checks that died midway. @param before deletes only probes written earlier; later ones may belong to a running check */
export async function deleteAbandonedProbes(driver: StorageDriver, before: Date): Promise<void> {
  const abandoned: ObjectKey[] = [];
  for (const prefix of probePrefixes) {
    for await (const { key, modifiedAt } of driver.list(prefix)) if (modifiedAt < before) abandoned.push(key);
  }
  if (abandoned.length === 0) return;
  const { failed } = await driver.delete(abandoned);
  if (failed[0] !== undefined) throw failed[0].error;
}

/**
 * Takes a few bytes the way of a blob: append, commit (under another name where the driver renames), read, delete. A store that lacks a single
 * permission, or spans file systems between which rename fails, is found before a client meets it.
 */
export async function checkByProbe(driver: StorageDriver, signal: AbortSignal | undefined): Promise<void> {
  const id = randomUUID();
  const key = objectKey(probePrefixes[0] + id);
  const finalKey = driver.capabilities.renames ? objectKey(probePrefixes[1] + id) : key;
  try {
    await takeThrough(driver, { key, finalKey, bytes: Buffer.from(`probe ${id}`), signal });
  } catch (error) {
    // Report why the probe failed. A failing store may well fail to delete too.
    await Promise.allSettled([driver.delete([key, finalKey])]);
    throw error;
  }
  const { failed } = await driver.delete([key, finalKey]);
  if (failed[0] !== undefined) throw failed[0].error;
}

interface Probe {
  readonly key: ObjectKey;
  readonly finalKey: ObjectKey;
  readonly bytes: Buffer;
  readonly signal: AbortSignal | undefined;
}

async function takeThrough(driver: StorageDriver, { key, finalKey, bytes, signal }: Probe): Promise<void> {
  const appended = await driver.append({ key, offset: 0, state: null }, once(bytes), { signal });
  await driver.commit({ key, ...appended }, finalKey);
  const found = await firstBytes(await driver.read(finalKey, { signal }), bytes.byteLength);
  if (bytes.equals(found)) return;
  const reason = 'reads other bytes than were written';
  throw new StorageError('corrupt', { driver: driver.name, key: finalKey, reason });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Reads at most `length` + 1 bytes, which is enough to notice a longer answer. */
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
