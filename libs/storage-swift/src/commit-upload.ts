import { deleteNames } from './delete-names.ts';
import { namedEntries, namesOfUpload } from './manifest-names.ts';
import { listAll, sweep } from './sweep.ts';
import type { SwiftContext } from './swift-context.ts';
import type { UploadNotes } from './upload-notes.ts';
import { isAbsent, type ObjectKey, StorageError } from '@longshore/storage';
import { pause } from '@longshore/storage-remote';

/** Milliseconds to wait until the segments are listed, and until a dynamic large object has them all. As in distribution 2.8. */
const listingPatience = 15_000;
const listingInterval = 250;

interface ClosingUpload {
  readonly key: ObjectKey;
  readonly offset: number;
  readonly notes: UploadNotes;
}

/** Makes an upload's bytes the object at its key. Idempotent. @throws StorageError 'absent', 'corrupt' */
export async function committed(context: SwiftContext, upload: ClosingUpload): Promise<void> {
  const { key, offset, notes } = upload;
  const name = context.names.object(key);
  if (offset === 0) {
    await context.run({ key }, (container) => container.put(name, []));
    return;
  }
  if (notes.whole !== undefined) {
    await checkWhole(context, upload, notes.whole);
    return;
  }
  if (notes.isDynamic === true) await makeDynamic(context, upload);
  else await makeStatic(context, upload);
}

async function checkWhole(
  context: SwiftContext,
  { key, offset }: ClosingUpload,
  etag: string,
): Promise<void> {
  const head = await context.run({ key }, (container) => container.head(context.names.object(key)));
  if (head.size !== offset) throw corrupt(key, `${head.size} bytes are there of ${offset}`);
  if (head.etag !== etag) throw corrupt(key, 'other bytes are there than were acknowledged');
}

async function makeStatic(context: SwiftContext, upload: ClosingUpload): Promise<void> {
  const { key, offset, notes } = upload;
  const name = context.names.object(key);
  try {
    // Swift checks that each segment exists with this ETag and size before it accepts the manifest.
    const entries = namedEntries(context, key, notes);
    await context.run({ key }, (container) => container.putStaticManifest(name, entries));
  } catch (error) {
    if (!isAbsent(error)) throw error;
    const { size } = await context.run({ key }, (container) => container.head(name));
    throw corrupt(key, `segments are missing of ${offset} bytes; an object of ${size} is there`, error);
  }
  const kept = await namesOfUpload(context, key, notes);
  await sweep(context, key, (segment) => kept.has(segment));
}

/** Makes a dynamic large object. It consists of every object under its prefix, so other objects there are deleted first. */
async function makeDynamic(context: SwiftContext, { key, offset, notes }: ClosingUpload): Promise<void> {
  const { names } = context;
  const name = names.object(key);
  const prefix = names.segments(key, notes.id);
  const isDone = await context.run({ key }, async (container) => {
    const head = await container.head(name).catch(() => undefined);
    return head?.size === offset && head.dynamicManifest === `${container.name}/${prefix}`;
  });
  // If an earlier commit succeeded and its answer was lost, only the sweep is left.
  if (!isDone) {
    await awaitSegments(context, key, prefix, await namesOfUpload(context, key, notes));
    await context.run({ key }, (container) => container.putDynamicManifest(name, prefix));
    await awaitSize(context, key, offset);
  }
  await sweep(context, key, (segment) => segment.startsWith(prefix));
}

async function awaitSegments(
  context: SwiftContext,
  key: ObjectKey,
  prefix: string,
  kept: ReadonlySet<string>,
): Promise<void> {
  const isThere = await within(listingPatience, async () => {
    const extra: string[] = [];
    let found = 0;
    for await (const { name } of listAll(context, prefix))
      if (kept.has(name)) found++;
      else extra.push(name);
    await deleteNames(context, extra);
    const segments = [...kept].filter((name) => name.startsWith(prefix)).length;
    return extra.length === 0 && found === segments ? true : undefined;
  });
  if (isThere === true) return;
  // If some segments exist but are not listed, the state is temporary. If the first one does not exist, the upload is gone.
  const first = [...kept].find((name) => name.startsWith(prefix)) ?? prefix;
  await context.run({ key }, (container) => container.head(first));
  const reason = 'the container does not list the segments yet';
  throw new StorageError('unavailable', { driver: 'swift', key, reason });
}

async function awaitSize(context: SwiftContext, key: ObjectKey, offset: number): Promise<void> {
  let size = 0;
  const isWhole = await within(listingPatience, async () => {
    ({ size } = await context.run({ key }, (container) => container.head(context.names.object(key))));
    return size === offset ? true : undefined;
  });
  if (isWhole !== true) throw corrupt(key, `${size} bytes are there of ${offset}`);
}

async function within(patience: number, look: () => Promise<true | undefined>): Promise<true | undefined> {
  const until = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found === true || performance.now() > until) return found;
    await pause(listingInterval, undefined);
  }
}

function corrupt(key: ObjectKey, reason: string, cause?: unknown): StorageError {
  return new StorageError('corrupt', { driver: 'swift', key, reason, cause });
}
