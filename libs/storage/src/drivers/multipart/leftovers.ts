import type { ObjectKey } from '../../object-key.ts';
import type { Leftover } from '../../storage-driver.ts';
import type { Page } from './multipart-store.ts';
import type { MultipartContext } from './part-writer.ts';

/** Multipart uploads that are open, and tails. */
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
  const name = keys.object(key);
  const uploads = pages((from) => calls.run({ key }, () => store.uploads(name, from)));
  for await (const upload of uploads)
    if (upload.name === name) await calls.run({ key }, () => store.abort({ name, id: upload.id }));
  const tails = pages((from = '') => calls.run({ key }, () => store.list(keys.side(key), from)));
  for await (const tail of tails) {
    const failures = await calls.run({ key }, () => store.delete([tail.name]));
    if (failures[0] !== undefined) throw calls.failure(failures[0].error, key);
  }
}

async function* pages<T>(ask: (from: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let from: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page: Page<T> = await ask(from);
    yield* page.items;
    from = page.next;
  } while (from !== undefined);
}
