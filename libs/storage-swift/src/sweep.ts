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

/** Keys whose segments are looked for at once. */
const lanes = 16;
/** Below the folder of a key: what lies deeper belongs to a key that this one is a prefix of. */
const segment = /^[0-9a-f]{16}\/\d{16,}-[0-9a-f]{12}$/;
const markerOrList = /^[0-9a-f]{16}(?:\/\d{16,}-[0-9a-f]{12})?$/;

/** Uploads that may have left segments: each has a marker from before its first one until its commit has swept. */
export async function* listLeftovers(
  context: SwiftContext,
  signal: AbortSignal | undefined,
): AsyncGenerator<Leftover> {
  for await (const { name, modifiedAt } of listAll(context, context.names.sides, signal)) {
    const key = context.names.keyOfMarker(name);
    if (key !== undefined) yield { key, since: modifiedAt };
  }
}

/** Removes what uploads left at a key and the object there does not consist of. @throws StorageError */
export async function clearLeftovers(context: SwiftContext, key: ObjectKey): Promise<void> {
  await sweep(context, key, await namesOfObject(context, key));
}

/** Removes the segments of a key that are not to be kept, and what only open uploads need. @throws StorageError */
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
  // Last: while one is there, somebody comes to sweep again.
  await deleteAll(context, await belowFolder(context, context.names.side(key), markerOrList));
}

/**
 * Deletes objects, the segments they consist of, and what uploads left at their keys. Objects go last: until then the key is known to be there, and
 * is asked for again.
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
      // Most blobs have none, and then no marker either.
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

/** Page by page. */
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
