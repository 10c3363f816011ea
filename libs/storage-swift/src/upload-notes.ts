import { StorageError } from '@longshore/storage';
import { z } from 'zod';
import { newUploadId } from './swift-names.ts';

/** Serialized as `[random, size, etag, level]`. The name follows from the offset and the random part. */
const entry = z
  .tuple([z.string(), z.number(), z.string(), z.number()])
  .transform(([random, size, etag, level]) => ({ random, size, etag, level }));

const uploadNotes = z.object({
  /** The id of the upload's segments and of its marker. */
  id: z.string(),
  /** Whether the marker is written. */
  isMarked: z.boolean(),
  /** ETag of the object with all bytes so far, at the upload's own key. A blob that fits one segment needs nothing else. */
  whole: z.string().optional(),
  /** Set if the object will be a dynamic large object. */
  isDynamic: z.boolean().optional(),
  entries: z.array(entry),
  /** Names of segments that this append replaced. The caller may still hold the notes before these, until these come back. */
  stale: z.array(z.string()).optional(),
});

/**
 * The state of an upload (`Upload.state`): all its segments, or manifests and lists of them (levels above 0). Each object is written once and never
 * changed, so no unacknowledged byte can get into the upload.
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
