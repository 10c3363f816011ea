import { randomUUID } from 'node:crypto';
import { parseTag, type Digest } from '@longshore/oci';
import { blobForPush } from '../blobs/blob-for-push.ts';
import { deleteBlob } from '../blobs/delete-blob.ts';
import { mountBlob } from '../blobs/mount-blob.ts';
import { deleteManifest } from '../manifests/delete-manifest.ts';
import { manifestForPush } from '../manifests/manifest-for-push.ts';
import { putManifest, type ManifestChild } from '../manifests/put-manifest.ts';
import { collectRepositories } from '../repositories/repositories.ts';
import { recordPulls } from '../pulls/record-pulls.ts';
import { reviewBlob } from '../reviews/review-blob.ts';
import { reviewLink } from '../reviews/review-link.ts';
import { reviewManifest } from '../reviews/review-manifest.ts';
import { reviewUntagged } from '../reviews/review-untagged.ts';
import { claimSuspect, clearSuspect, suspectBlob } from '../suspects/suspects.ts';
import { deleteTag } from '../tags/delete-tag.ts';
import type { Db } from '../transact.ts';
import { claimTrash, confirmTrashGone } from '../trash/sweep-trash.ts';
import { commitUpload } from '../uploads/commit-upload.ts';
import { cancelUpload, expireUploads } from '../uploads/end-uploads.ts';
import { claimUpload, createUpload } from '../uploads/upload-session.ts';
import type { Acknowledged, Fact } from './facts.ts';
import {
  digestOf,
  grace,
  notBeforeSeconds,
  one,
  placed,
  two,
  uploadOf,
  type UploadName,
  type World,
} from './world.ts';

const nothing: Acknowledged = { there: [], gone: [] };
const blob = (digest: Digest, repository = one): Fact => ({ kind: 'blob', repository, digest });
const object = (digest: Digest, key: string): Fact => ({ kind: 'object', repository: one, digest, key });
const manifest = (name: string): Fact => ({ kind: 'manifest', digest: digestOf(name) });
const tag = (name: string, digest: Digest): Fact => ({ kind: 'tag', tag: parseTag(name), digest });

export type Step = (db: Db, world: World) => Promise<Acknowledged>;

const commit =
  (upload: UploadName, content: string): Step =>
  async (db) => {
    const digest = digestOf(content);
    const outcome = await commitUpload(db, { ...uploadOf(upload), digest, size: 1, grace, notBeforeSeconds });
    return outcome === 'unknown'
      ? nothing
      : { there: [blob(digest), object(digest, uploadOf(upload).key)], gone: [] };
  };

const mount =
  (content: string): Step =>
  async (db) => {
    const digest = digestOf(content);
    const outcome = await mountBlob(db, { from: [one], to: two, digest, grace });
    return outcome === undefined ? nothing : { there: [blob(digest, two)], gone: [] };
  };

interface Put {
  readonly name: string;
  readonly blobs?: readonly string[];
  readonly children?: readonly string[];
  /** References that may be absent. */
  readonly sparse?: readonly string[];
  readonly subject?: string;
  readonly tags?: readonly string[];
}

const put =
  ({ name, blobs = ['used'], children = [], sparse = [], subject, tags = [] }: Put, within = grace): Step =>
  async (db) => {
    const outcome = await putManifest(db, {
      repository: one,
      digest: digestOf(name),
      mediaType: 'application/json',
      subject: subject === undefined ? undefined : digestOf(subject),
      annotations: {},
      payload: Buffer.from('{}'),
      blobs: blobs.map(digestOf),
      children: [
        ...children.map((child): ManifestChild => ({ digest: digestOf(child), required: true })),
        ...sparse.map((child): ManifestChild => ({ digest: digestOf(child), required: false })),
      ],
      tags: tags.map(parseTag),
      grace: within,
    });
    if (outcome.kind !== 'stored') return nothing;
    const references = [...blobs.map((content) => blob(digestOf(content))), ...children.map(manifest)];
    return { there: [manifest(name), ...references, ...tags.map((to) => tag(to, digestOf(name)))], gone: [] };
  };

const removeManifest =
  (name: string): Step =>
  async (db) => {
    const outcome = await deleteManifest(db, {
      repository: one,
      digest: digestOf(name),
      childOfIndex: 'refuse',
      grace,
    });
    if (outcome.kind !== 'deleted') return nothing;
    return { there: [], gone: [manifest(name), ...outcome.tags.map((from) => tag(from, digestOf(name)))] };
  };

const removeTag =
  (name: string): Step =>
  async (db) => {
    const outcome = await deleteTag(db, { repository: one, tag: parseTag(name), grace });
    return outcome.kind === 'deleted' ? { there: [], gone: [tag(name, outcome.digest)] } : nothing;
  };

const removeBlob =
  (content: string): Step =>
  async (db) => {
    const outcome = await deleteBlob(db, { repository: one, digest: digestOf(content), grace });
    const digest = digestOf(content);
    return outcome === 'deleted' ? { there: [], gone: [blob(digest), object(digest, '')] } : nothing;
  };

const collect =
  (review: (db: Db) => Promise<{ readonly kind: string }>): Step =>
  async (db, world) => {
    const { kind } = await review(db);
    // Several manifests are due, and each review matters.
    return kind === 'idle' ? nothing : collect(review)(db, world);
  };

/** Adds a third party: reviews the step's push at once, while the other step is still running. */
const reviewedAtOnce =
  (step: (within: number) => Step): Step =>
  async (db, world) => {
    await step(0)(db, world);
    return collect(() => reviewManifest(db, { grace: 0 }))(db, world);
  };

/** Runs two collectors in one step: the blob is deleted before the other step has seen the link's deletion. */
const bothReviews: Step = async (db, world) => {
  await collect(() => reviewLink(db, { grace: 0 }))(db, world);
  return collect(() => reviewBlob(db, { grace: 0, notBeforeSeconds }))(db, world);
};

/** Simulates a GET whose read of the blob's original object fails. */
const findDamaged =
  (content: string): Step =>
  async (db) => {
    const digest = digestOf(content);
    const marked = await suspectBlob(db, { digest, storageKey: `blobs/${content}` });
    return marked ? { there: [], gone: [blob(digest), blob(digest, two)] } : nothing;
  };

/** Simulates a collector that reads the blob's first object again and finds it whole. */
const findWhole =
  (content: string): Step =>
  async (db) => {
    const digest = digestOf(content);
    await suspectBlob(db, { digest, storageKey: `blobs/${content}` });
    await claimSuspect(db, { pauseSeconds: 0 });
    const cleared = await clearSuspect(db, { digest, storageKey: `blobs/${content}` });
    return cleared ? nothing : { there: [], gone: [blob(digest), blob(digest, two)] };
  };

const headBlob: Step = async (db) => {
  const found = await blobForPush(db, { repository: one, digest: digestOf('idle'), grace });
  return found === undefined ? nothing : { there: [blob(digestOf('idle'))], gone: [] };
};

const headManifest: Step = async (db) => {
  const reference = { kind: 'digest', digest: digestOf('stray') } as const;
  const found = await manifestForPush(db, { repository: one, reference, grace });
  return found === undefined ? nothing : { there: [manifest('stray')], gone: [] };
};

/** Keeps pulled manifests from the answer on. */
const recordPullsOfAll: Step = async (db) => {
  const recorded = await recordPulls(db, { manifests: placed.map(({ id }) => id), resolution: 0 });
  const pulled = placed.filter(({ id, subject }) => recorded.includes(id) && subject === undefined);
  return { there: pulled.map(({ name }) => manifest(name)), gone: [] };
};

const sweep: Step = async (db, world) => {
  const claimed = await claimTrash(db, { limit: 100, leaseSeconds: 60 });
  const keys = claimed.map((trashed) => trashed.storageKey);
  for (const key of keys) world.objects.delete(key);
  await confirmTrashGone(db, keys);
  return nothing;
};

const session = (name: UploadName) => ({ ...uploadOf(name), repository: one, subject: 'ann' });

const end =
  (work: (db: Db) => Promise<unknown>): Step =>
  async (db) => {
    await work(db);
    return nothing;
  };

/** Every step of the protocol, some of them on several objects. The tests interleave pairs of them. */
export const steps: Readonly<Record<string, Step>> = {
  'upload commit of a blob in use': commit('used', 'used'),
  'upload commit of a blob that is about to be collected': commit('idle', 'idle'),
  'upload commit of a blob in no repository': commit('orphan', 'orphan'),
  'upload commit of a new blob': commit('fresh', 'fresh'),
  'another upload commit of the new blob': commit('fresh-again', 'fresh'),
  'mount of a blob that is about to be collected': mount('idle'),
  'manifest put with tag': put({ name: 'new', blobs: ['used', 'idle'], tags: ['d'] }),
  'manifest put by digest': put({ name: 'new', blobs: ['idle'] }),
  'manifest put again': put({ name: 'image', tags: ['a'] }),
  'manifest put again by digest, just before it is collected': put({ name: 'stray' }),
  'index put over a manifest that is about to be collected': put({
    name: 'new index',
    blobs: [],
    children: ['stray'],
    tags: ['a'],
  }),
  'sparse index put over what may be collected or pushed meanwhile': put({
    name: 'new sparse index',
    blobs: [],
    sparse: ['stray', 'new'],
    tags: ['d'],
  }),
  'manifest put that takes two tags': put({ name: 'other', tags: ['b', 'a'] }),
  'referrer put': put({ name: 'another signature', subject: 'image' }),
  'referrer put of a stray': put({ name: 'signed stray', subject: 'stray' }),
  'manifest delete': removeManifest('image'),
  'manifest delete of a stray': removeManifest('stray'),
  'manifest delete of an index': removeManifest('index'),
  'manifest delete of a sparse index': removeManifest('sparse index'),
  'tag delete': removeTag('a'),
  'tag delete of an index': removeTag('b'),
  'blob delete': removeBlob('idle'),
  'blob delete of a blob in use': removeBlob('used'),
  'link review': collect((db) => reviewLink(db, { grace })),
  'blob review': collect((db) => reviewBlob(db, { grace, notBeforeSeconds })),
  'manifest review': collect((db) => reviewManifest(db, { grace })),
  'manifest review that takes what is untagged': collect((db) =>
    reviewManifest(db, { grace, untagged: { age: grace } }),
  ),
  'upload expiry': end((db) => expireUploads(db, { batch: 10, notBeforeSeconds })),
  'upload cancel': end((db) => cancelUpload(db, { ...session('fresh'), notBeforeSeconds })),
  'upload claim': end((db) => claimUpload(db, { ...session('lapsed'), leaseSeconds: 60 })),
  'blob HEAD by a pusher': headBlob,
  'manifest HEAD by a pusher': headManifest,
  'tag that moves away from a manifest': put({ name: 'stray', tags: ['a'] }),
  'pulls of manifests, those that may be collected among them': recordPullsOfAll,
  'collection of empty repositories': end((db) => collectRepositories(db, { grace: 0, batch: 10 })),
  'upload start in a repository that may be collected': end((db) =>
    createUpload(db, {
      id: randomUUID(),
      repository: two,
      subject: 'ann',
      storageKey: randomUUID(),
      lifetimeSeconds: 60,
    }),
  ),
  'review of what is untagged': end((db) => reviewUntagged(db, { grace, batch: 2 })),
  'GET that finds a blob in use damaged': findDamaged('used'),
  'GET that finds a blob damaged that is about to be collected': findDamaged('idle'),
  'second look that finds a blob whole': findWhole('used'),
  sweep,
};

/** Steps that combine two parties. With the step that they interrupt, they make three. */
export const compositeSteps: Readonly<Record<string, Step>> = {
  'referrer put, reviewed at once': reviewedAtOnce((within) =>
    put({ name: 'another signature', subject: 'image' }, within),
  ),
  'link review, and blob review at once': bothReviews,
};
