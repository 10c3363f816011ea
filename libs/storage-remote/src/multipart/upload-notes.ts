import { createHash } from 'node:crypto';
import { StorageError } from '@longshore/storage';
import { z } from 'zod';
import type { UploadedPart } from './multipart-store.ts';

const tail = z.object({
  /** Name of the side object, relative to the upload's side objects. */
  name: z.string(),
  size: z.number(),
  /** ETag of the part after the full ones, which has the same bytes. Undefined while there is no multipart upload. */
  etag: z.string().optional(),
});

const uploadNotes = z.object({
  /** ETag of the object with all bytes so far, at the upload's own key. A blob smaller than a part needs nothing else. */
  whole: z.string().optional(),
  /** The store's id of the multipart upload. */
  id: z.string().optional(),
  /** Number of full parts. They are never written again. */
  parts: z.number(),
  /** A hash over the ETags of these parts, in order. The commit detects with it a part that a stalled older writer has overwritten. */
  chain: z.string(),
  /** The bytes after the full parts. They are too few for a part, and a part cannot be read back. */
  tail: tail.optional(),
  /** Name of the tail before this one. The caller may still hold the notes that refer to it, until these notes come back. */
  staleTail: z.string().optional(),
});

/** The state of an upload of a multipart driver (`Upload.state`). Its size does not depend on the number of parts. */
export type UploadNotes = z.infer<typeof uploadNotes>;
export type Tail = z.infer<typeof tail>;

const noNotes: UploadNotes = { parts: 0, chain: '' };

export function formatNotes(notes: UploadNotes): string {
  return JSON.stringify(notes);
}

/** @throws StorageError 'corrupt' */
export function parseNotes(
  { state, offset }: { state: string | null; offset: number },
  about: { driver: string; key: string },
): UploadNotes {
  if (state === null && offset === 0) return noNotes;
  if (state === null) throw new StorageError('absent', { ...about, reason: 'the upload has no state' });
  try {
    return uploadNotes.parse(JSON.parse(state));
  } catch (cause) {
    throw new StorageError('corrupt', { ...about, reason: 'the state of the upload cannot be read', cause });
  }
}

export function chained(chain: string, etag: string): string {
  return createHash('sha256').update(`${chain}\n${etag}`).digest('base64url').slice(0, 32);
}

export function chainOf(parts: readonly UploadedPart[]): string {
  let chain = '';
  for (const { etag } of parts) chain = chained(chain, etag);
  return chain;
}
