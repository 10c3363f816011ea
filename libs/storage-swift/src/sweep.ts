import { deleteNames } from './delete-names.ts';
import type { ListedObject } from './http/swift-container.ts';
import { namesOfObject } from './manifest-names.ts';
import type { SwiftContext } from './swift-context.ts';
import {
  type DeleteFailure,
  type DeleteResult,
  forEachOf,
  type Leftover,
  type ObjectKey,
} from '@longshore/storage';

/** Keys that are processed concurrently. */
const lanes = 16;
/** Names of segments below the folder of a key. Deeper names belong to longer keys. */
const segment = /^[0-9a-f]{16}\/\d{16,}-[0-9a-f]{12}$/;
const markerOrList = /^[0-9a-f]{16}(?:\/\d{16,}-[0-9a-f]{12})?$/;

/** Lists uploads that may have left segments. Each has a marker, written before its first segment and removed by the sweep of its commit. */
export async function* listLeftovers(
  context: SwiftContext,
  signal: AbortSignal | undefined,
): AsyncGenerator<Leftover> {
  for await (const { name, modifiedAt } of listAll(context, context.names.sides, signal)) {
    const key = context.names.keyOfMarker(name);
    if (key !== undefined) yield { key, since: modifiedAt };
  }
}

/** Removes the leftovers of uploads at a key, but not the parts of the object there. @throws StorageError */
export async function clearLeftovers(context: SwiftContext, key: ObjectKey): Promise<void> {
  await sweep(context, key, await namesOfObject(context, key));
}

/** Removes the segments of a key that are not kept, and the markers and lists of its open uploads. @throws StorageError */
export async function sweep(
  context: SwiftContext,
  key: ObjectKey,
  isKept: (name: string) => boolean,
): Promise<void> {
  const segments = await segmentsOf(context, key);
  await deleteAll(
    context,
    segments.filter((name) => !isKept(name)),
  );
  // Delete markers last: as long as one exists, the key is swept again.
  await deleteAll(context, await belowFolder(context, context.names.side(key), markerOrList));
}

/**
 * Deletes objects, their segments, and the leftovers of uploads at their keys. Objects are deleted last: as long as one exists, its key is known and
 * a retry finds it again.
 */
export async function deleteWithSegments(
  context: SwiftContext,
  keys: readonly ObjectKey[],
): Promise<DeleteResult> {
  const wanted = [...new Set(keys)];
  const failed = new Map<ObjectKey, DeleteFailure>();
  await forEachOf(wanted, lanes, async (key) => {
    try {
      const segments = await segmentsOf(context, key);
      // Most blobs have no segments, and then no marker either.
      if (segments.length > 0) await sweep(context, key, () => false);
    } catch (error) {
      failed.set(key, { key, error: context.calls.failure(error, key) });
    }
  });
  const names = new Map(
    wanted.filter((key) => !failed.has(key)).map((key) => [context.names.object(key), key]),
  );
  for (const [name, error] of await deleteNames(context, [...names.keys()])) {
    const key = names.get(name);
    if (key !== undefined) failed.set(key, { key, error });
  }
  return { gone: wanted.filter((key) => !failed.has(key)), failed: [...failed.values()] };
}

/** Lists all objects under a prefix, page by page. */
export async function* listAll(
  context: SwiftContext,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  let marker = '';
  for (;;) {
    const from = marker;
    const page = await context.run({ signal }, (container) =>
      container.list(prefix, { marker: from, signal }),
    );
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    marker = last.name;
  }
}

function segmentsOf(context: SwiftContext, key: ObjectKey): Promise<readonly string[]> {
  return belowFolder(context, context.names.segments(key), segment);
}

async function belowFolder(context: SwiftContext, folder: string, shape: RegExp): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of listAll(context, folder))
    if (shape.test(name.slice(folder.length))) found.push(name);
  return found;
}

async function deleteAll(context: SwiftContext, names: readonly string[]): Promise<void> {
  const [failure] = (await deleteNames(context, names)).values();
  if (failure !== undefined) throw failure;
}
