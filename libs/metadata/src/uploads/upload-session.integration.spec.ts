import { randomUUID } from 'node:crypto';
import { parseRepositoryName } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { digestOf } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { cancelUpload, expireUploads } from './end-uploads.ts';
import {
  claimUpload,
  createUpload,
  findUpload,
  releaseUpload,
  renewLease,
  saveProgress,
} from './upload-session.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');

async function begin(lifetimeSeconds = 60) {
  const key = { id: randomUUID(), repository, subject: 'ann' };
  await createUpload(db, { ...key, storageKey: `uploads/${key.id}`, lifetimeSeconds });
  return { ...key, writer: randomUUID(), leaseSeconds: 60 };
}

describe('an upload session', () => {
  it('exists only for its repository and subject', async () => {
    const upload = await begin();
    expect(await findUpload(db, upload)).toMatchObject({ offset: 0, busy: false });
    expect(await findUpload(db, { ...upload, subject: 'bob' })).toBeUndefined();
    expect(await claimUpload(db, { ...upload, subject: 'bob' })).toBe('unknown');
    const elsewhere = { ...upload, repository: parseRepositoryName('team/other') };
    expect(await claimUpload(db, elsewhere)).toBe('unknown');
  });

  it('is one writer’s at a time, until its lease is over', async () => {
    const upload = await begin();
    const other = { ...upload, writer: randomUUID() };
    expect(await claimUpload(db, { ...upload, leaseSeconds: 0 })).toMatchObject({ offset: 0 });
    expect(await claimUpload(db, other)).toMatchObject({ offset: 0 });
    expect(await claimUpload(db, upload)).toBe('busy');
    expect(await renewLease(db, upload, 60)).toBe(false);
    expect(await renewLease(db, other, 60)).toBe(true);
    expect(await findUpload(db, upload)).toMatchObject({ busy: true });
  });

  it('keeps what its writer saved, and nothing of a writer that lost it', async () => {
    const upload = await begin();
    await claimUpload(db, upload);
    const progress = {
      offset: 5,
      driverState: 'part 1',
      digestSoFar: digestOf('bytes'),
      lifetimeSeconds: 60,
    };
    const hashState = Buffer.from([1, 2, 3]);
    expect(await saveProgress(db, { ...upload, ...progress, hashState, release: 'release' })).toBe(true);
    expect(await saveProgress(db, { ...upload, ...progress, offset: 9 })).toBe(false);
    const next = await claimUpload(db, { ...upload, writer: randomUUID() });
    expect(next).toMatchObject({
      offset: 5,
      driverState: 'part 1',
      digestSoFar: digestOf('bytes'),
      hashState,
    });
  });

  it('never forgets a final key under which an object may lie', async () => {
    const upload = await begin();
    await claimUpload(db, { ...upload, finalKey: 'blobs/one' });
    await releaseUpload(db, upload);
    expect(await claimUpload(db, { ...upload, finalKey: 'blobs/two' })).toBe('unknown');
    expect(await claimUpload(db, { ...upload, finalKey: 'blobs/one' })).toMatchObject({
      finalKey: 'blobs/one',
    });
    await releaseUpload(db, { ...upload, finalKey: 'unused' });
    expect(await claimUpload(db, { ...upload, finalKey: 'blobs/two' })).toMatchObject({
      finalKey: 'blobs/two',
    });
  });
});

describe('cancelUpload', () => {
  it('leaves both keys in the trash, also under a writer', async () => {
    const upload = await begin();
    await claimUpload(db, { ...upload, finalKey: `blobs/${upload.id}` });
    expect(await cancelUpload(db, { ...upload, notBeforeSeconds: 60 })).toBe('cancelled');
    expect(await cancelUpload(db, { ...upload, notBeforeSeconds: 60 })).toBe('unknown');
    const trash = await db.selectFrom('blob_trash').select('storage_key').orderBy('storage_key').execute();
    expect(trash.map((row) => row.storage_key)).toEqual([`blobs/${upload.id}`, `uploads/${upload.id}`]);
    expect(await renewLease(db, upload, 60)).toBe(false);
  });
});

describe('expireUploads', () => {
  it('ends expired sessions, except those with a writer', async () => {
    const over = await begin(-1);
    const written = await begin(-1);
    await claimUpload(db, written);
    expect(await expireUploads(db, { batch: 10, notBeforeSeconds: 60 })).toEqual([over.id]);
    expect(await findUpload(db, written)).toBeDefined();
  });
});
