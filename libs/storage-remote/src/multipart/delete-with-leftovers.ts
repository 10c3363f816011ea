import { removeLeftovers } from './leftovers.ts';
import type { MultipartContext } from './part-writer.ts';
import { type DeleteFailure, type DeleteResult, forEachOf, type ObjectKey } from '@longshore/storage';

/** Names in one request: the limit of S3 and OSS. */
const largestBatch = 1000;
/** Keys whose leftovers are removed concurrently. */
const lanes = 8;

/**
 * Deletes objects, and the leftovers of uploads at their keys. Objects are deleted last: as long as one exists, its key is known and a retry finds it
 * again.
 */
export async function deleteWithLeftovers(
  context: MultipartContext,
  keys: readonly ObjectKey[],
): Promise<DeleteResult> {
  const failed = new Map<ObjectKey, DeleteFailure>();
  const fail = (key: ObjectKey, error: unknown): void =>
    void failed.set(key, { key, error: context.calls.failure(error, key) });
  const wanted = [...new Set(keys)];
  await forEachOf(wanted, lanes, (key) =>
    removeLeftovers(context, key).catch((error: unknown) => fail(key, error)),
  );
  const clear = wanted.filter((key) => !failed.has(key));
  for (let from = 0; from < clear.length; from += largestBatch)
    await deleteBatch(context, clear.slice(from, from + largestBatch), fail);
  return { gone: wanted.filter((key) => !failed.has(key)), failed: [...failed.values()] };
}

async function deleteBatch(
  { store, calls, keys }: MultipartContext,
  batch: readonly ObjectKey[],
  fail: (key: ObjectKey, error: unknown) => void,
): Promise<void> {
  try {
    const failures = await calls.run({}, () => store.delete(batch.map((key) => keys.object(key))));
    for (const { name, error } of failures) {
      const key = keys.key(name);
      if (key !== undefined) fail(key, error);
    }
  } catch (error) {
    for (const key of batch) fail(key, error);
  }
}
