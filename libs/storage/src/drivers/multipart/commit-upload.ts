import type { ObjectKey } from '../../object-key.ts';
import { StorageError } from '../../storage-error.ts';
import { bytesBehindParts } from './bytes-behind-parts.ts';
import type { UploadedPart } from './multipart-store.ts';
import type { MultipartContext } from './part-writer.ts';
import { chainOf, type UploadNotes } from './upload-notes.ts';

interface ClosingUpload {
  readonly driver: string;
  readonly key: ObjectKey;
  readonly offset: number;
  readonly notes: UploadNotes;
}

/** Makes an upload's bytes the object at its key. Idempotent. @throws StorageError 'absent', 'corrupt' */
export async function committed(context: MultipartContext, upload: ClosingUpload): Promise<void> {
  const { offset, notes } = upload;
  if (offset === 0) await context.calls.run(upload, () => putEmpty(context, upload));
  else if (notes.whole !== undefined) await checkSize(context, upload);
  else if (!(await completed(context, upload))) await checkSize(context, upload);
  await dropTails(context, upload);
}

async function putEmpty({ store, keys }: MultipartContext, { key }: ClosingUpload): Promise<void> {
  await store.put(keys.object(key), Buffer.alloc(0), { onlyIfAbsent: false });
}

async function checkSize({ store, calls, keys }: MultipartContext, upload: ClosingUpload): Promise<void> {
  const { driver, key, offset } = upload;
  const { size } = await calls.run(upload, () => store.head(keys.object(key)));
  if (size === offset) return;
  throw new StorageError('corrupt', { driver, key, reason: `${size} bytes are there of ${offset}` });
}

/** @returns false when the multipart upload is gone: then it is completed, or never was */
async function completed(context: MultipartContext, upload: ClosingUpload): Promise<boolean> {
  const { store, calls, keys } = context;
  const { key } = upload;
  const name = keys.object(key);
  try {
    const id = upload.notes.id ?? (await calls.run(upload, () => store.begin(name)));
    const parts = await uploadedParts(context, { ...upload, id });
    await calls.run(upload, () => store.complete({ name, id }, parts));
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'absent' && upload.notes.id !== undefined)
      return false;
    throw error;
  }
}

/** The parts to complete with, the tail among them, each of them the very one that was acknowledged. */
async function uploadedParts(
  context: MultipartContext,
  upload: ClosingUpload & { id: string },
): Promise<readonly UploadedPart[]> {
  const { driver, key, id, notes } = upload;
  const name = context.keys.object(key);
  const found = notes.id === undefined ? [] : await allParts(context, upload);
  const full = found.filter(({ number }) => number <= notes.parts);
  if (full.length !== notes.parts || chainOf(full) !== notes.chain)
    throw new StorageError('corrupt', {
      driver,
      key,
      reason: 'the store has other parts than it acknowledged',
    });
  if (notes.tail === undefined) return full;
  const number = notes.parts + 1;
  const last = found.find((part) => part.number === number);
  if (last !== undefined && last.etag === notes.tail.etag) return [...full, last];
  const bytes = await bytesBehindParts(context, upload);
  const etag = await context.calls.run(upload, () => context.store.putPart({ name, id, number }, bytes));
  return [...full, { number, etag }];
}

async function allParts(
  { store, calls, keys }: MultipartContext,
  upload: ClosingUpload & { id: string },
): Promise<readonly UploadedPart[]> {
  const { key, id, notes } = upload;
  const needed = notes.parts + (notes.tail === undefined ? 0 : 1);
  const found: UploadedPart[] = [];
  for (;;) {
    const behind = found.at(-1)?.number ?? 0;
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = await calls.run(upload, () => store.parts({ name: keys.object(key), id }, behind));
    found.push(...page);
    if (page.length === 0 || (page.at(-1)?.number ?? 0) >= needed) return found;
  }
}

/** One that stays is told of by `leftovers`. */
async function dropTails({ store, calls, keys }: MultipartContext, upload: ClosingUpload): Promise<void> {
  const { tail, staleTail } = upload.notes;
  const names = [tail?.name, staleTail].filter((name) => name !== undefined);
  if (names.length === 0) return;
  const side = keys.side(upload.key);
  await Promise.allSettled([calls.run(upload, () => store.delete(names.map((name) => side + name)))]);
}
