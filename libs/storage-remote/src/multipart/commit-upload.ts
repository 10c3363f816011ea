import { bytesBehindParts } from './bytes-behind-parts.ts';
import type { UploadedPart } from './multipart-store.ts';
import type { MultipartContext } from './part-writer.ts';
import { chainOf, type UploadNotes } from './upload-notes.ts';
import { isAbsent, type ObjectKey, StorageError } from '@longshore/storage';

interface ClosingUpload {
  readonly driver: string;
  readonly key: ObjectKey;
  readonly offset: number;
  readonly notes: UploadNotes;
}

/** Makes an upload's bytes the object at its key. Idempotent. @throws StorageError 'absent', 'corrupt' */
export async function committed(context: MultipartContext, upload: ClosingUpload): Promise<void> {
  if (upload.offset === 0) await put(context, upload, Buffer.alloc(0));
  else if (!(await made(context, upload))) await checkObject(context, upload);
  await dropTails(context, upload);
}

/** @returns false if there is nothing to make: the object exists already, or the upload is gone */
async function made(context: MultipartContext, upload: ClosingUpload): Promise<boolean> {
  const { whole, id } = upload.notes;
  if (whole !== undefined) return false;
  try {
    if (id === undefined) await put(context, upload, await bytesBehindParts(context, upload));
    else await complete(context, { ...upload, id });
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function put(
  { store, calls, keys }: MultipartContext,
  upload: ClosingUpload,
  bytes: Buffer,
): Promise<void> {
  await calls.run(upload, () => store.put(keys.object(upload.key), bytes, { onlyIfAbsent: false }));
}

async function complete(context: MultipartContext, upload: ClosingUpload & { id: string }): Promise<void> {
  const { store, calls, keys } = context;
  const parts = await uploadedParts(context, upload);
  await calls.run(upload, () => store.complete({ name: keys.object(upload.key), id: upload.id }, parts));
}

async function checkObject({ store, calls, keys }: MultipartContext, upload: ClosingUpload): Promise<void> {
  const { driver, key, offset, notes } = upload;
  const { size, etag } = await calls.run(upload, () => store.head(keys.object(key)));
  const isOther = size !== offset || (notes.whole !== undefined && notes.whole !== etag);
  if (!isOther) return;
  const reason = size === offset ? 'other bytes are there' : `${size} bytes are there of ${offset}`;
  throw new StorageError('corrupt', { driver, key, reason });
}

/** Returns the parts for the completion, the tail included. Each is exactly the part that was acknowledged. */
async function uploadedParts(
  context: MultipartContext,
  upload: ClosingUpload & { id: string },
): Promise<readonly UploadedPart[]> {
  const { driver, key, id, notes } = upload;
  const name = context.keys.object(key);
  const found = await allParts(context, upload);
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
    const page = await calls.run(upload, () => store.parts({ name: keys.object(key), id }, behind));
    found.push(...page);
    if (page.length === 0 || (page.at(-1)?.number ?? 0) >= needed) return found;
  }
}

/** Deletes the tails. A tail that could not be deleted is listed by `leftovers`. */
async function dropTails({ store, calls, keys }: MultipartContext, upload: ClosingUpload): Promise<void> {
  const { tail, staleTail } = upload.notes;
  const names = [tail?.name, staleTail].filter((name) => name !== undefined);
  if (names.length === 0) return;
  const side = keys.side(upload.key);
  await Promise.allSettled([calls.run(upload, () => store.delete(names.map((name) => side + name)))]);
}
