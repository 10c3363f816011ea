import type { SwiftContext } from './swift-context.ts';
import { forEachOf, type StorageError } from '@longshore/storage';

/** Names in one request. The service deletes them one by one, and stops after 1,000 failures. */
const largestBatch = 500;
/** Number of names below which each is deleted by its own request. */
const smallestBatch = 4;
/** Concurrent requests. */
const lanes = 8;

/** Deletes objects by name. @returns the names that could not be deleted, and why; an absent object is not a failure */
export async function deleteNames(
  context: SwiftContext,
  names: readonly string[],
): Promise<ReadonlyMap<string, StorageError>> {
  const failed = new Map<string, StorageError>();
  for (let from = 0; from < names.length; from += largestBatch) {
    const batch = names.slice(from, from + largestBatch);
    const left = await deleteBatch(context, batch);
    await forEachOf(left, lanes, async (name) => {
      try {
        await context.run({}, (container) => container.delete(name));
      } catch (error) {
        failed.set(name, context.calls.failure(error));
      }
    });
  }
  return failed;
}

/** Deletes several objects with one request. @returns the names to delete one by one: a request for each tells more about its failure */
async function deleteBatch(context: SwiftContext, batch: readonly string[]): Promise<readonly string[]> {
  if (batch.length < smallestBatch) return batch;
  try {
    return await context.run({}, async (container, { hasBulkDelete }) =>
      hasBulkDelete ? container.bulkDelete(batch) : batch,
    );
  } catch {
    // The requests for each name will report the failure.
    return batch;
  }
}
