import { StorageError } from '@longshore/storage';
import { z } from 'zod';
import { newUploadId } from './swift-names.ts';

/** Written as `[random, size, etag, level]`: the name follows from the offset and the random part. */
const entry = z
  .tuple([z.string(), z.number(), z.string(), z.number()])
  .transform(([random, size, etag, level]) => ({ random, size, etag, level }));

const uploadNotes = z.object({
  /** Of the upload's segments, and of the marker that tells of them. */
  id: z.string(),
  /** Whether that marker is written. */
  isMarked: z.boolean(),
  /** ETag of the object that holds all bytes so far, at the upload's own key: a blob that fits one segment needs no more. */
  whole: z.string().optional(),
  /** Set where the object will be a dynamic large one. */
  isDynamic: z.boolean().optional(),
  entries: z.array(entry),
  /** Names of segments that this append has put others in the place of: the notes before these may still be the caller's until these come back. */
  stale: z.array(z.string()).optional(),
});

/**
 * What the driver remembers of an upload (`Upload.state`): all of its segments, or of lists of them (a level above 0), each written once and
 * never again. So nothing that is not acknowledged can get into it.
 */
export type UploadNotes = z.output<typeof uploadNotes>;
export type Entry = UploadNotes['entries'][number];

export function formatNotes({ entries, ...notes }: UploadNotes): string {
  const tuples = entries.map(({ random, size, etag, level }) => [random, size, etag, level]);
  return JSON.stringify({ ...notes, entries: tuples });
}

/** @throws StorageError 'absent', 'corrupt' */
export function parseNotes(
  { state, offset }: { state: string | null; offset: number },
  key: string,
): UploadNotes {
  const about = { driver: 'swift', key };
  if (offset === 0) return { id: newUploadId(), isMarked: false, entries: [] };
  if (state === null) throw new StorageError('absent', { ...about, reason: 'the upload has no state' });
  const notes = readNotes(state, about);
  const size = notes.entries.reduce((sum, { size: bytes }) => sum + bytes, 0);
  if (notes.whole !== undefined || size === offset) return notes;
  const reason = `the state of the upload tells of ${size} bytes instead of ${offset}`;
  throw new StorageError('corrupt', { ...about, reason });
}

function readNotes(state: string, about: { driver: string; key: string }): UploadNotes {
  try {
    return uploadNotes.parse(JSON.parse(state));
  } catch (cause) {
    throw new StorageError('corrupt', { ...about, reason: 'the state of the upload cannot be read', cause });
  }
}
