import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { reviewLink } from '../reviews/review-link.ts';
import { reviewManifest } from '../reviews/review-manifest.ts';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { deleteTagsOfManifest } from '../tags/tags.queries.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { transact } from '../transact.ts';
import { deleteManifest } from './delete-manifest.ts';
import { lockManifestForReview } from './manifests.queries.ts';
import { removeManifest } from './remove-manifest.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('sparse/late');
const reference = { kind: 'digest', digest: digestOf('{"late":1}') } as const;

async function reviewAll(): Promise<string> {
  await db
    .updateTable('gc_manifest_queue')
    .set({ review_after: new Date(0) })
    .execute();
  return (await reviewManifest(db, { grace: 0 })).kind;
}

describe('a sparse index', () => {
  it('keeps a child that came after it, until the index is deleted', async () => {
    const children = [{ digest: reference.digest, required: false }];
    await pushManifest(db, repository, '{"index":1}', { children, tags: [parseTag('v1')] });
    await pushManifest(db, repository, '{"late":1}');
    expect(await reviewAll()).toBe('kept');
    expect(await lookups.manifest({ repository, reference })).toMatchObject({ digest: reference.digest });
    const index = { repository, digest: digestOf('{"index":1}'), childOfIndex: 'refuse', grace: 0 } as const;
    expect(await deleteManifest(db, index)).toMatchObject({ kind: 'deleted' });
    expect(await reviewAll()).toBe('removed');
    expect(await lookups.manifest({ repository, reference })).toBe('manifest-unknown');
  });

  it('leaves the review to a child that arrives during the delete', async () => {
    const children = [{ digest: digestOf('{"late":2}'), required: false }];
    const index = await pushManifest(db, repository, '{"index":2}', { children, tags: [parseTag('v2')] });
    if (index.kind !== 'stored') throw new Error(`the index was answered with ${index.kind}`);
    await transact(db, async (tx) => {
      const held = await lockManifestForReview(tx, index.id, 0).executeTakeFirstOrThrow();
      await deleteTagsOfManifest(tx, index.id).execute();
      await removeManifest(tx, { ...held, repository: held.repository_id, grace: 0 });
      // The delete has enqueued its reviews but not yet committed. A reviewer that only saw the index would keep the child for ever.
      await pushManifest(db, repository, '{"late":2}');
      expect(await reviewAll()).toBe('postponed');
    });
    expect(await reviewAll()).toBe('removed');
  });
});

describe('a sparse image', () => {
  it('keeps a layer that came after it', async () => {
    const there = parseRepositoryName('sparse/layer');
    const layer = digestOf('late layer');
    const outcome = await pushManifest(db, there, '{"image":1}', {
      blobs: [layer],
      requiredBlobs: 'some',
      tags: [parseTag('v1')],
    });
    expect(outcome).toMatchObject({ kind: 'stored' });
    await pushBlob(db, there, 'late layer');
    await db
      .updateTable('gc_link_queue')
      .set({ review_after: new Date(0) })
      .execute();
    expect((await reviewLink(db, { grace: 0 })).kind).toBe('kept');
    expect(await lookups.blob({ repository: there, digest: layer })).toMatchObject({ size: 10 });
  });
});

describe('an image with a layer that can be had elsewhere', () => {
  const elsewhere = parseRepositoryName('sparse/foreign');
  const layer = digestOf('foreign layer');

  it('keeps the layer if it was pushed anyway', async () => {
    await pushBlob(db, elsewhere, 'foreign layer');
    const outcome = await pushManifest(db, elsewhere, '{"foreign":1}', {
      optionalBlobs: [layer],
      tags: [parseTag('v1')],
    });
    expect(outcome).toMatchObject({ kind: 'stored' });
    await db
      .updateTable('gc_link_queue')
      .set({ review_after: new Date(0) })
      .execute();
    expect((await reviewLink(db, { grace: 0 })).kind).toBe('kept');
    expect(await lookups.blob({ repository: elsewhere, digest: layer })).toMatchObject({ size: 13 });
  });
});
