import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { blobForPush } from '../blobs/blob-for-push.ts';
import { deleteManifest } from '../manifests/delete-manifest.ts';
import { manifestForPush } from '../manifests/manifest-for-push.ts';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { claimTrash, confirmTrashGone } from '../trash/sweep-trash.ts';
import { reviewBlob } from './review-blob.ts';
import { reviewLink } from './review-link.ts';
import { reviewManifest } from './review-manifest.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');
const now = { grace: 0 };
const later = { grace: 3600 };

const reviewOfManifest = () => reviewManifest(db, now);

async function makeEverythingDue(): Promise<void> {
  const due = new Date(Date.now() - 1000);
  await db.updateTable('gc_link_queue').set({ review_after: due }).execute();
  await db.updateTable('gc_blob_queue').set({ review_after: due }).execute();
  await db.updateTable('gc_manifest_queue').set({ review_after: due }).execute();
}

async function drain(review: () => Promise<{ readonly kind: string }>): Promise<string[]> {
  await makeEverythingDue();
  const { kind } = await review();
  return kind === 'idle' ? [] : [kind, ...(await drainMore(review))];
}

async function drainMore(review: () => Promise<{ readonly kind: string }>): Promise<string[]> {
  const { kind } = await review();
  return kind === 'idle' ? [] : [kind, ...(await drainMore(review))];
}

beforeEach(async () => {
  await db.deleteFrom('tags').execute();
  await db.deleteFrom('manifest_children').execute();
  await db.deleteFrom('manifests').execute();
  await db.deleteFrom('repository_blobs').execute();
  await db.deleteFrom('blobs').execute();
  for (const table of ['gc_link_queue', 'gc_blob_queue', 'gc_manifest_queue', 'blob_trash'] as const) {
    // oxlint-disable-next-line no-await-in-loop -- few and small
    await db.deleteFrom(table).execute();
  }
});

describe('reviewLink, reviewBlob and the sweep', () => {
  it('take an abandoned blob away step by step, down to its object', async () => {
    const digest = await pushBlob(db, repository, 'abandoned');
    const blob = await lookups.blob({ repository, digest });
    expect(await drain(() => reviewLink(db, now))).toEqual(['removed']);
    expect(await lookups.blob({ repository, digest })).toBe('blob-unknown');
    expect(await drain(() => reviewBlob(db, { ...now, notBeforeSeconds: 0 }))).toEqual(['removed']);
    const trash = await claimTrash(db, { limit: 10, leaseSeconds: 60 });
    expect([blob]).toMatchObject(trash.map(({ storageKey }) => ({ storageKey })));
    expect(await claimTrash(db, { limit: 10, leaseSeconds: 60 })).toEqual([]);
    await confirmTrashGone(
      db,
      trash.map((key) => key.storageKey),
    );
    expect(await db.selectFrom('blob_trash').selectAll().execute()).toEqual([]);
  });

  it('keep what a manifest needs', async () => {
    const digest = await pushBlob(db, repository, 'needed');
    await pushManifest(db, repository, '{}', { blobs: [digest], tags: [parseTag('latest')] });
    expect(await drain(() => reviewLink(db, now))).toEqual(['kept']);
    expect(await lookups.blob({ repository, digest })).toMatchObject({ size: 6 });
  });

  it('postpone what is fresh', async () => {
    await pushBlob(db, repository, 'fresh');
    expect(await drain(() => reviewLink(db, later))).toEqual(['postponed']);
    expect(await reviewLink(db, later)).toEqual({ kind: 'idle' });
  });
});

describe('reviewManifest', () => {
  it('takes a manifest without tag, parent or subject, and enqueues its blobs', async () => {
    const digest = await pushBlob(db, repository, 'layer');
    await pushManifest(db, repository, '{"lonely":1}', { blobs: [digest] });
    await drain(() => reviewLink(db, now));
    expect(await drain(reviewOfManifest)).toEqual(['removed']);
    expect(await drain(() => reviewLink(db, now))).toEqual(['removed']);
  });

  it('keeps the child of a tagged index', async () => {
    await pushManifest(db, repository, '{"child":1}');
    await pushManifest(db, repository, '{"index":1}', {
      children: [{ digest: digestOf('{"child":1}'), required: true }],
      tags: [parseTag('latest')],
    });
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
  });

  it('keeps the referrer of a live subject, and takes it after the subject', async () => {
    await pushManifest(db, repository, '{"subject":1}', { tags: [parseTag('latest')] });
    await pushManifest(db, repository, '{"signature":1}', { subject: digestOf('{"subject":1}') });
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
    const subject = {
      repository,
      digest: digestOf('{"subject":1}'),
      childOfIndex: 'refuse',
      grace: 0,
    } as const;
    await deleteManifest(db, subject);
    expect(await drain(reviewOfManifest)).toEqual(['removed']);
  });

  it('takes what lost its tag to another push', async () => {
    await pushManifest(db, repository, '{"v":1}', { tags: [parseTag('latest')] });
    await pushManifest(db, repository, '{"v":2}', { tags: [parseTag('latest')] });
    expect(await drain(reviewOfManifest)).toEqual(['removed']);
    const reference = { kind: 'digest', digest: digestOf('{"v":1}') } as const;
    expect(await lookups.manifestEntry({ repository, reference })).toBe('manifest-unknown');
  });

  it('announces what it took', async () => {
    await pushManifest(db, repository, '{"lonely":1}');
    await makeEverythingDue();
    const id = '01890000-0000-7000-8000-000000000002';
    await reviewManifest(db, { ...now, events: (collected) => [{ id, data: collected }] });
    const [event] = await db.selectFrom('outbox').selectAll().execute();
    expect(event).toMatchObject({ id, data: { repository, digest: digestOf('{"lonely":1}') } });
  });
});

describe('HEAD by a pusher', () => {
  it('puts off the review of the blob or manifest that it found', async () => {
    const digest = await pushBlob(db, repository, 'layer');
    await pushManifest(db, repository, '{"child":1}');
    await makeEverythingDue();
    const reference = { kind: 'digest', digest: digestOf('{"child":1}') } as const;
    expect(await blobForPush(db, { repository, digest, ...later })).toMatchObject({ size: 5 });
    expect(await manifestForPush(db, { repository, reference, ...later })).toMatchObject({ size: 11 });
    expect(await reviewLink(db, now)).toEqual({ kind: 'idle' });
    expect(await reviewManifest(db, now)).toEqual({ kind: 'idle' });
  });
});
