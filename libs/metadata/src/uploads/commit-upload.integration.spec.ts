import { createHash, randomUUID } from 'node:crypto';
import { parseDigest, parseRepositoryName } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { commitUpload } from './commit-upload.ts';
import { claimUpload, createUpload } from './upload-session.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');
const digestOf = (text: string) => parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);

async function begin(target = repository) {
  const key = { id: randomUUID(), repository: target, subject: 'ann' };
  const storageKey = `uploads/${key.id}`;
  await createUpload(db, { ...key, storageKey, lifetimeSeconds: 60 });
  return { ...key, key: storageKey, writer: randomUUID(), leaseSeconds: 30, grace: 60, notBeforeSeconds: 60 };
}

describe('commitUpload', () => {
  it('moves the key of the session to the blob', async () => {
    const upload = await begin();
    await claimUpload(db, upload);
    const digest = digestOf('one');
    const committed = await commitUpload(db, { ...upload, digest, size: 3 });
    expect(committed).toEqual({ digest, size: 3, storageKey: upload.key });
    expect(await lookups.blob({ repository, digest })).toMatchObject({ size: 3, storageKey: upload.key });
  });

  it('replaces the object of a blob that comes twice, in every repository, and trashes the earlier one', async () => {
    const digest = digestOf('two');
    const first = await begin();
    await claimUpload(db, first);
    await commitUpload(db, { ...first, digest, size: 3 });
    const second = await begin(parseRepositoryName('team/other'));
    await claimUpload(db, second);
    const committed = await commitUpload(db, { ...second, digest, size: 3 });
    expect(committed).toEqual({ digest, size: 3, storageKey: second.key });
    expect(await lookups.blob({ repository: first.repository, digest })).toMatchObject({
      storageKey: second.key,
    });
    const trash = await db.selectFrom('blob_trash').select(['storage_key', 'not_before']).execute();
    expect(trash).toEqual([{ storage_key: first.key, not_before: expect.any(Date) }]);
    expect(trash[0]?.not_before.getTime()).toBeGreaterThan(Date.now() + 50_000);
  });

  it('touches nothing for a writer that lost its lease to another', async () => {
    const upload = await begin();
    await claimUpload(db, upload);
    const late = { ...upload, writer: randomUUID(), digest: digestOf('three'), size: 5 };
    expect(await commitUpload(db, late)).toBe('unknown');
    expect(await lookups.blob({ repository, digest: digestOf('three') })).toBe('blob-unknown');
    expect(await claimUpload(db, { ...upload, writer: randomUUID() })).toBe('busy');
  });

  it('refuses a key that the session did not record', async () => {
    const upload = await begin();
    await claimUpload(db, upload);
    const elsewhere = { ...upload, key: 'blobs/elsewhere', digest: digestOf('four'), size: 4 };
    await expect(commitUpload(db, elsewhere)).rejects.toThrow('did not record the key');
  });
});
