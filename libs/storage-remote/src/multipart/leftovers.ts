import type { Page } from './multipart-store.ts';
import type { MultipartContext } from './part-writer.ts';
import { forEachOf, type Leftover, type ObjectKey } from '@longshore/storage';

/** Concurrent aborts. */
const lanes = 8;

/** Lists open multipart uploads and tails. */
export async function* listLeftovers(
  { store, calls, keys }: MultipartContext,
  signal: AbortSignal | undefined,
): AsyncGenerator<Leftover> {
  const uploads = pages((from) => calls.run({ signal }, () => store.uploads(keys.object(''), from)));
  for await (const { name, startedAt } of uploads) {
    const key = keys.key(name);
    if (key !== undefined) yield { key, since: startedAt };
  }
  const tails = pages((from = '') => calls.run({ signal }, () => store.list(keys.sides, from, signal)));
  for await (const { name, modifiedAt } of tails) {
    const key = keys.keyOfSide(name);
    if (key !== undefined) yield { key, since: modifiedAt };
  }
}

/** Aborts all multipart uploads of a key and deletes its tails. @throws StorageError */
export async function removeLeftovers(context: MultipartContext, key: ObjectKey): Promise<void> {
  const { store, calls, keys } = context;
  await abortUploads(context, key);
  const tails = pages((from = '') => calls.run({ key }, () => store.list(keys.side(key), from)));
  for await (const tail of tails) {
    const failures = await calls.run({ key }, () => store.delete([tail.name]));
    if (failures[0] !== undefined) throw calls.failure(failures[0].error, key);
  }
}

/**
 * Aborts the open uploads of a key. It asks for the first page until that holds none: the key's own uploads sort before longer names, and not every
 * store can begin a page in the middle of a key.
 */
async function abortUploads({ store, calls, keys }: MultipartContext, key: ObjectKey): Promise<void> {
  const name = keys.object(key);
  const aborted = new Set<string>();
  for (;;) {
    const { items, next } = await calls.run({ key }, () => store.uploads(name));
    const found = items.filter((upload) => upload.name === name && !aborted.has(upload.id));
    await forEachOf(found, lanes, async ({ id }) => {
      await calls.run({ key }, () => store.abort({ name, id }));
      aborted.add(id);
    });
    if (found.length === 0 || next === undefined) return;
  }
}

async function* pages<T>(ask: (from: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let from: string | undefined;
  do {
    const page: Page<T> = await ask(from);
    yield* page.items;
    from = page.next;
  } while (from !== undefined);
}
