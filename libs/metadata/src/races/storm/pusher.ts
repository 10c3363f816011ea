import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTag, type Digest, type RepositoryName, type Tag } from '@longshore/oci';
import { blobForPush } from '../../blobs/blob-for-push.ts';
import { deleteBlob } from '../../blobs/delete-blob.ts';
import { mountBlob } from '../../blobs/mount-blob.ts';
import { deleteManifest } from '../../manifests/delete-manifest.ts';
import { putManifest } from '../../manifests/put-manifest.ts';
import { DatabaseUnavailable } from '../../postgres-errors.ts';
import { deleteTag } from '../../tags/delete-tag.ts';
import type { Db } from '../../transact.ts';
import { commitUpload } from '../../uploads/commit-upload.ts';
import { claimUpload, createUpload } from '../../uploads/upload-session.ts';
import { digestOf, imageOf, layersOfTheDay, repositories, sharedTags, type Image } from './contents.ts';
import type { Random } from './random.ts';

/** An acknowledged push under a tag that nobody else touches. It must stay, byte for byte. */
export interface Kept {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly image: Image;
  /** True if the tag now names another image. Then this manifest must stay under its digest. */
  readonly moved: boolean;
}

export interface StormState {
  readonly db: Db;
  /** The blob store: bytes by storage key. */
  readonly objects: Map<string, Buffer>;
  readonly random: Random;
  /** Seconds. */
  readonly grace: number;
  readonly kept: Kept[];
  readonly counts: { acknowledged: number; refused: number; interrupted: number };
}

const notBeforeSeconds = 1;

/** Pushes the layers again, as a client does that finds a blob missing, or whose pull was cut. */
export async function pushAgain(state: StormState, kept: Kept): Promise<void> {
  try {
    for (const layer of new Set(kept.image.layers)) {
      await sendBlob(state, kept.repository, layer);
    }
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    await pushAgain(state, kept);
  }
}

/** Runs one push, or another request of a client. A crash leaves it unfinished, like a client that never comes back. */
export async function pushOnce(state: StormState, number: number): Promise<void> {
  try {
    await (state.random.chance(0.2) ? remove(state, number) : push(state, number));
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    state.counts.interrupted += 1;
    // A client retries.
    await pushOnce(state, number);
  }
}

async function push(state: StormState, number: number): Promise<void> {
  const { random, grace, counts, kept } = state;
  const repository = random.pick(repositories);
  const keep = random.chance(0.4);
  const chosen = pickLayers(random, number);
  const image = imageOf(chosen, keep ? { number: String(number) } : {});
  for (const layer of new Set(chosen)) {
    // Sends the layers one after another, so that the first blob is as old as possible when the manifest comes.
    await sendBlob(state, repository, layer);
  }
  // Some clients are slow: their blobs may be due for review when the manifest comes.
  if (random.chance(0.2)) await sleep(grace * 1000 * (0.5 + random.next()));
  const ownTag = parseTag(`keep-${number}`);
  const tags = keep ? [ownTag] : pickTags(random);
  const stored = await sendManifest(state, { repository, image, tags });
  counts[stored ? 'acknowledged' : 'refused'] += 1;
  if (!stored || !keep) return;
  const moved = random.chance(0.2) && (await moveTag(state, { repository, image, tags }, chosen));
  kept.push({ repository, tag: ownTag, image, moved });
}

/** Points the tag at another image with the same layers. */
async function moveTag(state: StormState, from: ManifestToSend, layers: readonly Buffer[]): Promise<boolean> {
  const image = imageOf([...layers], { after: from.image.digest });
  return sendManifest(state, { ...from, image });
}

/** Picks layers of the current span or the previous one. */
function pickLayers(random: Random, number: number): Buffer[] {
  const layers = layersOfTheDay(number - random.below(15));
  return [random.pick(layers), random.pick(layers), random.pick(layers)];
}

function pickTags(random: Random): Tag[] {
  return [...new Set(Array.from({ length: random.below(4) }, () => random.pick(sharedTags)))];
}

async function sendBlob(state: StormState, repository: RepositoryName, bytes: Buffer): Promise<void> {
  const { db, random, grace } = state;
  const digest = digestOf(bytes);
  if (random.chance(0.6) && (await blobForPush(db, { repository, digest, grace })) !== undefined) return;
  if (random.chance(0.3)) {
    const mounted = await mountBlob(db, { from: repositories, to: repository, digest, grace });
    if (mounted !== undefined) return;
  }
  await upload(state, { repository, digest, bytes });
}

interface Upload {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

async function upload(state: StormState, { repository, digest, bytes }: Upload): Promise<void> {
  const { db, objects, grace } = state;
  const id = randomUUID();
  const writer = randomUUID();
  const session = { id, repository, subject: 'storm', storageKey: `uploads/${id}` };
  await createUpload(db, { ...session, lifetimeSeconds: 1 });
  const claimed = await claimUpload(db, { ...session, writer, leaseSeconds: 1 });
  // The upload expired under a slow client, which begins again.
  if (typeof claimed === 'string') return upload(state, { repository, digest, bytes });
  objects.set(session.storageKey, bytes);
  const commit = { id, writer, digest, size: bytes.length, key: session.storageKey };
  const committed = await commitUpload(db, { ...commit, grace, notBeforeSeconds });
  if (committed === 'unknown') await upload(state, { repository, digest, bytes });
}

interface ManifestToSend {
  readonly repository: RepositoryName;
  readonly image: Image;
  readonly tags: readonly Tag[];
}

async function sendManifest(
  state: StormState,
  { repository, image, tags }: ManifestToSend,
): Promise<boolean> {
  const { db, random, grace, kept } = state;
  const subject = random.chance(0.2) && kept.length > 0 ? random.pick(kept).image.digest : undefined;
  const children = random.chance(0.2) ? kept.filter((one) => one.repository === repository).slice(-2) : [];
  const outcome = await putManifest(db, {
    repository,
    digest: image.digest,
    mediaType: 'application/json',
    subject,
    annotations: {},
    payload: image.payload,
    blobs: image.layers.map(digestOf),
    children: children.map((child) => ({ digest: child.image.digest, required: true })),
    tags,
    grace,
  });
  return outcome.kind === 'stored';
}

async function remove(state: StormState, number: number): Promise<void> {
  const { db, random, grace } = state;
  const repository = random.pick(repositories);
  const kind = random.below(3);
  if (kind === 0) await deleteTag(db, { repository, tag: random.pick(sharedTags), grace });
  else if (kind === 1)
    await deleteBlob(db, { repository, digest: digestOf(random.pick(pickLayers(random, number))), grace });
  else {
    const { digest } = imageOf(pickLayers(random, number), {});
    await deleteManifest(db, { repository, digest, childOfIndex: 'refuse', grace });
  }
}
