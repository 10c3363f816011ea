import { type NamedEntry, namedEntries, type SegmentList } from './manifest-names.ts';
import type { SwiftContext } from './swift-context.ts';
import { newRandom, segmentName } from './swift-names.ts';
import type { Entry, UploadNotes } from './upload-notes.ts';
import type { ObjectKey } from '@longshore/storage';
import type { CallScope } from '@longshore/storage-remote';

/** Entries of a level that become one entry of the next. Three levels of segments of 20 MiB hold 2.4 TiB, and the notes stay below 16 KiB. */
const foldedAtOnce = 50;
/** Entries of a level that trigger a fold. Some entries stay, because the last segments may be small and be rewritten. */
const mostOfLevel = 60;

/**
 * Replaces groups of segments by manifests when there are too many to remember. A manifest may contain manifests (static large objects nest), and the
 * final one at the key contains a few of them. A store with only dynamic large objects gets lists instead, which the commit reads.
 */
export async function folded(
  context: SwiftContext,
  scope: CallScope & { readonly key: ObjectKey },
  notes: UploadNotes,
): Promise<UploadNotes> {
  let { entries } = notes;
  for (let level = 0; ; level++) {
    const first = entries.findIndex((entry) => entry.level === level);
    const ofLevel = entries.filter((entry) => entry.level === level).length;
    if (ofLevel <= mostOfLevel) return { ...notes, entries };
    const group = namedEntries(context, scope.key, { ...notes, entries }).slice(first, first + foldedAtOnce);
    const offset = entries.slice(0, first).reduce((sum, { size }) => sum + size, 0);
    const one = await oneOf(context, scope, { notes, group, offset, level });
    entries = entries.toSpliced(first, foldedAtOnce, one);
  }
}

interface Fold {
  readonly notes: UploadNotes;
  readonly group: readonly NamedEntry[];
  readonly offset: number;
  readonly level: number;
}

async function oneOf(
  context: SwiftContext,
  { key, signal }: CallScope & { readonly key: ObjectKey },
  { notes: { id, isDynamic = false }, group, offset, level }: Fold,
): Promise<Entry> {
  const random = newRandom();
  const folder = isDynamic ? context.names.lists(key, id) : context.names.segments(key, id);
  const name = folder + segmentName(offset, random);
  const etag = await context.run({ key, signal }, async (container) => {
    if (!isDynamic) return container.putStaticManifest(name, group, signal);
    const list: SegmentList = group.map((entry) => ({ name: entry.name, isManifest: level > 0 }));
    return (await container.put(name, [Buffer.from(JSON.stringify(list))], { signal })).etag;
  });
  return { random, size: group.reduce((sum, { size }) => sum + size, 0), etag, level: level + 1 };
}
