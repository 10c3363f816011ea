import { type ObjectKey, unlessAbsent } from '@longshore/storage';
import { z } from 'zod';
import type { SwiftContext } from './swift-context.ts';
import { segmentName } from './swift-names.ts';
import type { Entry, UploadNotes } from './upload-notes.ts';

export interface NamedEntry extends Entry {
  readonly name: string;
}

/** A stored list of segments of a dynamic large object. */
const segmentList = z.array(z.object({ name: z.string(), isManifest: z.boolean() }));
export type SegmentList = z.infer<typeof segmentList>;

/** Returns the entries of an upload with the names of their objects. */
export function namedEntries(
  { names }: SwiftContext,
  key: ObjectKey,
  { id, entries, isDynamic = false }: UploadNotes,
): readonly NamedEntry[] {
  let offset = 0;
  return entries.map((entry) => {
    const isList = isDynamic && entry.level > 0;
    const folder = isList ? names.lists(key, id) : names.segments(key, id);
    const name = folder + segmentName(offset, entry.random);
    offset += entry.size;
    return { ...entry, name };
  });
}

/** Returns the names of all objects of an upload: its entries, and the objects in its manifests and lists. */
export async function namesOfUpload(
  context: SwiftContext,
  key: ObjectKey,
  notes: UploadNotes,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const top = namedEntries(context, key, notes).map(({ name, level }) => ({ name, isManifest: level > 0 }));
  const read = notes.isDynamic === true ? readList : readManifest;
  await collect(context, { key, found, read }, top);
  return found;
}

/** Returns a function that tells whether a name belongs to the object at a key. */
export async function namesOfObject(
  context: SwiftContext,
  key: ObjectKey,
): Promise<(name: string) => boolean> {
  const name = context.names.object(key);
  const head = await unlessAbsent(context.find({ key }, (container) => container.head(name)));
  const prefix = head?.dynamicManifest;
  if (prefix !== undefined) return (segment) => `${context.container.name}/${segment}`.startsWith(prefix);
  const found = new Set<string>();
  if (head?.isStaticLarge === true)
    await collect(context, { key, found, read: readManifest }, await readManifest(context, key, name));
  return (segment) => found.has(segment);
}

type ReadNames = (context: SwiftContext, key: ObjectKey, name: string) => Promise<SegmentList>;

async function collect(
  context: SwiftContext,
  into: { readonly key: ObjectKey; readonly found: Set<string>; readonly read: ReadNames },
  list: SegmentList,
): Promise<void> {
  for (const { name, isManifest } of list) {
    into.found.add(name);
    if (isManifest) await collect(context, into, await into.read(context, into.key, name));
  }
}

function readManifest(context: SwiftContext, key: ObjectKey, name: string): Promise<SegmentList> {
  return context.find({ key }, async (container) => [...(await container.staticManifest(name))]);
}

async function readList(context: SwiftContext, key: ObjectKey, name: string): Promise<SegmentList> {
  return context.find({ key }, async (container) =>
    segmentList.parse(JSON.parse(String(await container.bytes(name)))),
  );
}
