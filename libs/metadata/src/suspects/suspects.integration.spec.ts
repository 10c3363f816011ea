import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { blobForPush } from '../blobs/blob-for-push.ts';
import { mountBlob } from '../blobs/mount-blob.ts';
import { putManifest } from '../manifests/put-manifest.ts';
import { digestOf, pushBlob } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { claimSuspect, clearSuspect, suspectBlob } from './suspects.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');
const other = parseRepositoryName('team/other');
const grace = 3600;

async function storageKeyOf(digest: ReturnType<typeof digestOf>): Promise<string> {
  const blob = await lookups.blob({ repository, digest });
  return typeof blob === 'string' ? blob : blob.storageKey;
}

/** Creates a blob that both repositories hold, and marks it suspect. */
async function suspect(content: string) {
  const digest = await pushBlob(db, repository, content);
  await mountBlob(db, { from: [repository], to: other, digest, grace });
  const object = { digest, storageKey: await storageKeyOf(digest) };
  expect(await suspectBlob(db, object)).toBe(true);
  return object;
}

const put = (
  digest: ReturnType<typeof digestOf>,
  rules: { requiredBlobs?: 'some'; optional?: boolean } = {},
) =>
  putManifest(db, {
    repository,
    digest: digestOf(`{"of":"${digest}"}`),
    mediaType: 'application/json',
    annotations: {},
    payload: Buffer.from(`{"of":"${digest}"}`),
    blobs: rules.optional === true ? [] : [digest],
    optionalBlobs: rules.optional === true ? [digest] : [],
    requiredBlobs: rules.requiredBlobs,
    children: [],
    tags: [parseTag('latest')],
    grace,
  });

describe('a suspect blob', () => {
  it('is in no repository: for pulls, pushers, mounts and manifests', async () => {
    const { digest } = await suspect('damaged');
    expect(await lookups.blob({ repository, digest })).toBe('blob-unknown');
    expect(await lookups.blob({ repository: other, digest })).toBe('blob-unknown');
    expect(await blobForPush(db, { repository, digest, grace })).toBeUndefined();
    expect(await mountBlob(db, { from: [repository, other], to: other, digest, grace })).toBeUndefined();
    expect(await put(digest)).toEqual({ kind: 'missing', blobs: [digest], children: [] });
  });

  it('does not refuse a manifest for which it is optional', async () => {
    const { digest } = await suspect('may be absent');
    expect(await put(digest, { requiredBlobs: 'some' })).toMatchObject({ kind: 'stored' });
    expect(await put(digest, { optional: true })).toMatchObject({ kind: 'stored' });
  });

  it('is mended in every repository by a push to any', async () => {
    const { digest, storageKey } = await suspect('pushed again');
    await pushBlob(db, parseRepositoryName('a/third'), 'pushed again');
    expect(await lookups.blob({ repository: other, digest })).toMatchObject({ size: 12 });
    expect(await storageKeyOf(digest)).not.toBe(storageKey);
    expect(await put(digest)).toMatchObject({ kind: 'stored' });
  });

  it('is marked once, and not when a push has replaced the object that was read', async () => {
    const read = await suspect('marked twice');
    expect(await suspectBlob(db, read)).toBe(false);
    await pushBlob(db, repository, 'marked twice');
    expect(await suspectBlob(db, read)).toBe(false);
    expect(await clearSuspect(db, read)).toBe(false);
    expect(await lookups.blob({ repository, digest: read.digest })).toMatchObject({ size: 12 });
  });

  it('comes back when its object was read whole', async () => {
    const object = await suspect('misread');
    expect(await clearSuspect(db, object)).toBe(true);
    expect(await storageKeyOf(object.digest)).toBe(object.storageKey);
    expect(await clearSuspect(db, object)).toBe(false);
  });
});

describe('claimSuspect', () => {
  it('gives each suspect to one caller, and again after a pause as long as it has been suspect', async () => {
    await db.updateTable('blobs').set({ suspect_since: null, reread_after: null }).execute();
    const object = await suspect('looked at again');
    const claims = await Promise.all(Array.from({ length: 5 }, () => claimSuspect(db, { pauseSeconds: 60 })));
    const claimed = claims.filter((claim) => claim !== undefined);
    expect(claimed).toEqual([{ ...object, size: 15, since: expect.any(Date) }]);
    const hoursAgo = new Date(Date.now() - 4 * 3600_000);
    await db
      .updateTable('blobs')
      .set({ suspect_since: hoursAgo, reread_after: hoursAgo })
      .where('storage_key', '=', object.storageKey)
      .execute();
    await claimSuspect(db, { pauseSeconds: 60 });
    const { reread_after: next } = await db
      .selectFrom('blobs')
      .select('reread_after')
      .where('storage_key', '=', object.storageKey)
      .executeTakeFirstOrThrow();
    expect((next?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3.9 * 3600_000);
  });
});
