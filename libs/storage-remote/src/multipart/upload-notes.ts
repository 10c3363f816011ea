import { createHash } from 'node:crypto';
import { StorageError } from '@longshore/storage';
import { z } from 'zod';
import type { UploadedPart } from './multipart-store.ts';

const tail = z.object({
  /** Of the side object, below the upload's. */
  name: z.string(),
  size: z.number(),
  /** Of the part behind the full ones, which has the same bytes; undefined while there is no multipart upload. */
  etag: z.string().optional(),
});

const uploadNotes = z.object({
  /** ETag of the object that holds all bytes so far, at the upload's own key: a blob that is smaller than a part needs no more. */
  whole: z.string().optional(),
  /** The store's id of the multipart upload. */
  id: z.string().optional(),
  /** Parts that are complete and never written again. */
  parts: z.number(),
  /** A hash over the ETags of these parts, in their order: what a stalled writer of old puts in their place is seen at commit. */
  chain: z.string(),
  /** The bytes behind them: too few for a part, and a part cannot be read back. */
  tail: tail.optional(),
  /** Name of the tail before this one: the notes that tell of it may still be the caller's, until these come back. */
  staleTail: z.string().optional(),
});

/** What a multipart driver remembers of an upload (`Upload.state`); it stays small however many parts there are. */
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
