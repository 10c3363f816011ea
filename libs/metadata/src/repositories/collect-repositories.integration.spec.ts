import { randomUUID } from 'node:crypto';
import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { createUpload } from '../uploads/upload-session.ts';
import { collectRepositories } from './repositories.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const start = (name: string, number = 0) =>
  createUpload(db, {
    id: randomUUID(),
    repository: parseRepositoryName(name),
    subject: 'ann',
    storageKey: `uploads/${name}/${number}`,
    lifetimeSeconds: 60,
  });
const names = async () =>
  (await db.selectFrom('repositories').select('name').orderBy('name').execute()).map(({ name }) => name);

async function collectUntil(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await collectRepositories(db, { grace: -60, batch: 10 });
  await collectUntil(signal);
}

beforeEach(async () => {
  for (const table of ['upload_sessions', 'tags', 'manifests', 'repository_blobs', 'repositories'] as const)
    await db.deleteFrom(table).execute();
});

describe('collectRepositories', () => {
  it('deletes empty repositories, and keeps those with an upload, a blob or a manifest', async () => {
    await Promise.all(['abandoned/one', 'abandoned/two', 'open'].map((name) => start(name)));
    await db.deleteFrom('upload_sessions').where('storage_key', 'like', 'uploads/abandoned/%').execute();
    await pushBlob(db, parseRepositoryName('blob'), 'content');
    await pushManifest(db, parseRepositoryName('manifest'), '{}', { tags: [parseTag('latest')] });
    expect(await collectRepositories(db, { grace: 3600, batch: 10 })).toBe(0);
    expect(await collectRepositories(db, { grace: 0, batch: 1 })).toBe(1);
    expect(await collectRepositories(db, { grace: 0, batch: 10 })).toBe(1);
    expect(await names()).toEqual(['blob', 'manifest', 'open']);
  });

  it('is not noticed by uploads that start at the same time', async () => {
    const over = new AbortController();
    const collecting = collectUntil(over.signal);
    let started = 0;
    for (; started < 200; started += 1) {
      await start('busy', started);
      await db.deleteFrom('upload_sessions').execute();
    }
    over.abort();
    await collecting;
    expect(started).toBe(200);
  });
});
