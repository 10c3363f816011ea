import type { MultipartContext } from './part-writer.ts';
import type { UploadNotes } from './upload-notes.ts';
import { type ObjectKey, StorageError } from '@longshore/storage';

interface UploadSoFar {
  readonly driver: string;
  readonly key: ObjectKey;
  readonly offset: number;
  readonly notes: UploadNotes;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the bytes after the last full part of an upload: fewer than one part. @throws StorageError 'absent', 'corrupt' */
export async function bytesBehindParts(context: MultipartContext, upload: UploadSoFar): Promise<Buffer> {
  const { notes, offset } = upload;
  const { keys } = context;
  if (notes.tail !== undefined)
    return readWhole(context, upload, keys.side(upload.key) + notes.tail.name, notes.tail.size);
  if (notes.whole !== undefined) return readWhole(context, upload, keys.object(upload.key), offset);
  return Buffer.alloc(0);
}

async function readWhole(
  { store, calls }: MultipartContext,
  { driver, key, signal }: UploadSoFar,
  name: string,
  size: number,
): Promise<Buffer> {
  return calls.run({ key, signal }, async () => {
    const opened = await store.get(name, {}, signal);
    const chunks: Buffer[] = [];
    for await (const chunk of opened.body) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.byteLength === size) return bytes;
    const isBroken = bytes.byteLength !== opened.size;
    const reason = `${bytes.byteLength} bytes are there of ${size}`;
    throw new StorageError(isBroken ? 'unavailable' : 'corrupt', { driver, key, reason });
  });
}
