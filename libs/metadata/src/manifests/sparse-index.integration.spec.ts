import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { reviewManifest } from '../reviews/review-manifest.ts';
import { digestOf, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { deleteManifest } from './delete-manifest.ts';

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
  it('keeps a child that came after it, and lets it go when it goes itself', async () => {
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
});
