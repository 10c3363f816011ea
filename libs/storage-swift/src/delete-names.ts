import type { SwiftContext } from './swift-context.ts';
import { forEachOf, type StorageError } from '@longshore/storage';

/** Names in one request: the service works through them one after the other, and gives up at 1,000 failures. */
const largestBatch = 500;
/** Fewer than these are deleted one by one. */
const smallestBatch = 4;
/** Requests at once. */
const lanes = 8;

/** Deletes objects by their names. @returns what could not be deleted, and why; an absent object is no failure */
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

/** @returns what is to be deleted one by one: the service says less about it than a request of its own does */
async function deleteBatch(context: SwiftContext, batch: readonly string[]): Promise<readonly string[]> {
  if (batch.length < smallestBatch) return batch;
  try {
    return await context.run({}, async (container, { hasBulkDelete }) =>
      hasBulkDelete ? container.bulkDelete(batch) : batch,
    );
  } catch {
    // What is wrong shows again, for each name.
    return batch;
  }
}
