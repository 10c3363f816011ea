import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { blobForPush } from '../blobs/blob-for-push.ts';
import { deleteManifest } from '../manifests/delete-manifest.ts';
import { manifestForPush } from '../manifests/manifest-for-push.ts';
import { recordPulls } from '../pulls/record-pulls.ts';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { claimTrash, confirmTrashGone } from '../trash/sweep-trash.ts';
import { reviewBlob } from './review-blob.ts';
import { reviewLink } from './review-link.ts';
import { reviewManifest } from './review-manifest.ts';
import { reviewUntagged } from './review-untagged.ts';

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

const idOf = async (payload: string): Promise<number> => {
  const found = await lookups.manifestEntry({
    repository,
    reference: { kind: 'digest', digest: digestOf(payload) },
  });
  return typeof found === 'string' ? 0 : found.id;
};

const latest = parseTag('latest');
const aged = { ...now, untagged: { age: 3600 } };
const pull = async (payload: string) =>
  recordPulls(db, { manifests: [await idOf(payload)], resolution: 3600 });
/** Makes the manifest look as if it lost its tag, and was last pulled, `seconds` ago. */
const age = async (payload: string, seconds: number) => {
  const then = new Date(Date.now() - seconds * 1000);
  const id = await idOf(payload);
  await db
    .updateTable('gc_manifest_queue')
    .set({ enqueued_at: then })
    .where('manifest_id', '=', id)
    .execute();
  await db.updateTable('manifest_pulls').set({ pulled_at: then }).where('manifest_id', '=', id).execute();
};
const moveTag = async () => {
  await pushManifest(db, repository, '{"v":1}', { tags: [latest] });
  await pushManifest(db, repository, '{"v":2}', { tags: [latest] });
};

beforeEach(async () => {
  await db.deleteFrom('tags').execute();
  await db.deleteFrom('manifest_children').execute();
  await db.deleteFrom('manifests').execute();
  await db.deleteFrom('repository_blobs').execute();
  await db.deleteFrom('blobs').execute();
  for (const table of ['gc_link_queue', 'gc_blob_queue', 'gc_manifest_queue', 'blob_trash'] as const) {
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
  it('deletes a manifest without tag, parent or subject, and enqueues its blobs', async () => {
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

  it('keeps the referrer of a live subject, and deletes it after the subject', async () => {
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

  it('publishes an event for each deletion', async () => {
    await pushManifest(db, repository, '{"lonely":1}');
    await makeEverythingDue();
    const id = '01890000-0000-7000-8000-000000000002';
    await reviewManifest(db, { ...now, events: (collected) => [{ id, data: collected }] });
    const [event] = await db.selectFrom('outbox').selectAll().execute();
    expect(event).toMatchObject({ id, data: { repository, digest: digestOf('{"lonely":1}') } });
  });
});

describe('reviewManifest, of what was tagged or pulled once', () => {
  it('keeps a manifest that lost its tag to another push', async () => {
    await moveTag();
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
    expect(await idOf('{"v":1}')).not.toBe(0);
  });

  it('keeps a manifest that was tagged after a push by digest, also when it is pushed by digest again', async () => {
    await pushManifest(db, repository, '{"v":1}');
    await moveTag();
    await pushManifest(db, repository, '{"v":1}');
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
  });

  it('keeps a manifest that was pulled', async () => {
    await pushManifest(db, repository, '{"v":1}');
    await pull('{"v":1}');
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
  });

  it('deletes a referrer after its subject although it was pulled', async () => {
    await pushManifest(db, repository, '{"signature":1}', { subject: digestOf('{"subject":1}') });
    await pull('{"signature":1}');
    expect(await drain(reviewOfManifest)).toEqual(['removed']);
    expect(await db.selectFrom('manifest_pulls').selectAll().execute()).toEqual([]);
  });

  it('deletes it, if configured, when the age has passed since the tag moved', async () => {
    await moveTag();
    expect(await drain(() => reviewManifest(db, aged))).toEqual(['postponed']);
    await age('{"v":1}', 3601);
    expect(await drain(() => reviewManifest(db, aged))).toEqual(['removed']);
  });

  it('counts the age from the last pull', async () => {
    await moveTag();
    await pull('{"v":1}');
    await age('{"v":1}', 3601);
    await pull('{"v":1}');
    expect(await drain(() => reviewManifest(db, aged))).toEqual(['postponed']);
    await age('{"v":1}', 3601);
    expect(await drain(() => reviewManifest(db, aged))).toEqual(['removed']);
  });

  it('deletes manifests that were kept before it was configured, when the age has passed since the next review', async () => {
    await moveTag();
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
    await pushManifest(db, repository, '{"v":3}', { tags: [latest] });
    expect(await drain(reviewOfManifest)).toEqual(['kept']);
    await reviewUntagged(db, { ...now, batch: 1 });
    await reviewUntagged(db, { ...now, batch: 1 });
    expect(await drain(() => reviewManifest(db, aged))).toEqual(['postponed', 'postponed']);
    await age('{"v":1}', 3601);
    await age('{"v":2}', 3601);
    expect(await drain(() => reviewManifest(db, aged))).toEqual(['removed', 'removed']);
  });
});

describe('recordPulls', () => {
  it('writes a pull once within the resolution, and none of a manifest that is gone', async () => {
    await pushManifest(db, repository, '{"v":1}');
    const { id } = await db.selectFrom('manifests').select('id').executeTakeFirstOrThrow();
    const pulls = { manifests: [id, id + 1], resolution: 3600 };
    expect(await recordPulls(db, pulls)).toEqual([id]);
    expect(await recordPulls(db, pulls)).toEqual([]);
    expect(await recordPulls(db, { ...pulls, resolution: 0 })).toEqual([id]);
    expect(await recordPulls(db, { ...pulls, manifests: [] })).toEqual([]);
  });
});

describe('HEAD by a pusher', () => {
  it('postpones the review of the blob or manifest that it found', async () => {
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
