import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfiguration } from '@longshore/configuration';
import { claimUpload, createUpload, findUpload, saveProgress } from '@longshore/metadata';
import { migratedDatabase, pushBlob } from '@longshore/metadata/testing';
import { digestToBytes, parseRepositoryName } from '@longshore/oci';
import { keyOfUpload, type ObjectKey, objectKey, StorageError } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CollectorSettings } from '../collector-settings.ts';
import { CollectorService } from './collector.service.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const settings = new CollectorSettings(
  loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } }),
);
const driver = await createStorageDriver({ inmemory: {} });
const warnings: Record<string, unknown>[] = [];
class Warnings extends ServiceLog {
  override warn(_: string, facts: Record<string, unknown>): void {
    warnings.push(facts);
  }
}
const log = new Warnings(createLogger({ level: 'silent' }));
const metrics = new Metrics({ service: 'test' });
const collector = new CollectorService(postgres.database, driver, settings, log, metrics);
const [due, young] = [
  keyOfUpload('6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e11'),
  keyOfUpload('6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e12'),
];

/** Returns the samples of a counter since the test began. */
const counted = async (name: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

const past = new Date(Date.now() - 1_000);
const trash = async () =>
  (await db.selectFrom('blob_trash').select('storage_key').execute()).map((row) => row.storage_key);
const isThere = async (key: ObjectKey): Promise<boolean> => {
  try {
    await driver.stat(key);
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'absent') return false;
    throw error;
  }
};

beforeEach(async () => {
  metrics.registry.resetMetrics();
  await db.deleteFrom('blob_trash').execute();
  await Promise.all([driver.put(due, Buffer.from('x')), driver.put(young, Buffer.from('x'))]);
});

describe('CollectorService, sweep', () => {
  it('deletes an object that is due, and no other', async () => {
    const later = new Date(Date.now() + 60_000);
    await db
      .insertInto('blob_trash')
      .values([
        { storage_key: due, not_before: past },
        { storage_key: young, not_before: later },
      ])
      .execute();
    expect(await collector.sweep()).toBe('worked');
    expect([await isThere(due), await isThere(young)]).toEqual([false, true]);
    expect(await trash()).toEqual([young]);
    expect(await collector.sweep()).toBe('idle');
    expect(await counted('longshore_gc_objects')).toEqual([
      'longshore_gc_objects_deleted_total{service="test"} 1',
    ]);
  });

  it('forgets a key whose object is already gone', async () => {
    await driver.delete([due]);
    await db.insertInto('blob_trash').values({ storage_key: due, not_before: past }).execute();
    expect(await collector.sweep()).toBe('worked');
    expect(await trash()).toEqual([]);
  });

  it('keeps the key of an object that the store did not delete, and says so', async () => {
    const stubborn = await createStorageDriver({ inmemory: {} });
    stubborn.delete = async (keys) => ({
      gone: keys.filter((key) => key !== due),
      failed: [{ key: due, error: new StorageError('denied', { driver: 'inmemory', key: due }) }],
    });
    await db
      .insertInto('blob_trash')
      .values([due, young].map((key) => ({ storage_key: key, not_before: past })))
      .execute();
    const sweeping = new CollectorService(postgres.database, stubborn, settings, log, metrics).sweep();
    await expect(sweeping).rejects.toThrow(`1 of 2 objects could not be deleted, ${due} among them`);
    expect(await trash()).toEqual([due]);
  });
});

describe('CollectorService, reviews and expiry', () => {
  const repository = parseRepositoryName('team/reviewed');

  it('counts each review by its kind and verdict', async () => {
    const digest = digestToBytes(await pushBlob(db, repository, 'reviewed'));
    await db.updateTable('gc_link_queue').set({ review_after: past }).execute();
    await db.insertInto('gc_blob_queue').values({ digest, review_after: past }).execute();
    expect([await collector.reviewLinks(), await collector.reviewLinks()]).toEqual(['worked', 'idle']);
    expect([await collector.reviewBlobs(), await collector.reviewBlobs()]).toEqual(['worked', 'idle']);
    expect(await counted('longshore_gc_reviews')).toEqual([
      'longshore_gc_reviews_total{of="link",verdict="postponed",service="test"} 1',
      'longshore_gc_reviews_total{of="blob",verdict="kept",service="test"} 1',
    ]);
  });

  it('ends uploads whose time is over, and counts them', async () => {
    const [over, open] = [randomUUID(), randomUUID()];
    for (const [id, lifetimeSeconds] of [
      [over, -1],
      [open, 60],
    ] as const)
      await createUpload(db, {
        id,
        repository,
        subject: 'ann',
        storageKey: keyOfUpload(id),
        lifetimeSeconds,
      });
    expect(await collector.expireUploads()).toBe('idle');
    const left = [over, open].map((id) => findUpload(db, { id, repository, subject: 'ann' }));
    expect(await Promise.all(left)).toEqual([undefined, expect.anything()]);
    expect(await counted('longshore_gc_uploads')).toEqual([
      'longshore_gc_uploads_expired_total{service="test"} 1',
    ]);
  });
});

describe('CollectorService, leftovers', () => {
  it('deletes old leftovers that no open upload needs, and nothing else', async () => {
    const repository = parseRepositoryName('team/app');
    const id = '6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e13';
    const open = keyOfUpload(id);
    await createUpload(db, { id, repository, subject: 'ann', storageKey: open, lifetimeSeconds: 60 });
    const old = new Date(Date.now() - settings.grace * 1000 - 60_000);
    const cleared: string[] = [];
    const store = await createStorageDriver({ inmemory: {} });
    store.leftovers = async function* leftovers() {
      yield { key: due, since: old };
      yield { key: due, since: new Date() };
      yield { key: open, since: old };
      yield { key: young, since: new Date() };
    };
    store.clear = async (key) => void cleared.push(key);
    await new CollectorService(postgres.database, store, settings, log, metrics).clearLeftovers();
    expect(cleared).toEqual([due]);
  });

  it('deletes the probes of a check that died, but not those of one that may be running', async () => {
    const probes = [objectKey('uploads/probe-1'), objectKey('blobs/probe/1')];
    await Promise.all(probes.map((key) => driver.put(key, Buffer.from('x'))));
    await collector.clearLeftovers();
    expect(await Promise.all(probes.map(isThere))).toEqual([true, true]);
    const impatient = new CollectorSettings(
      loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}', REGISTRY_GC_GRACE: '1s' } }),
    );
    await sleep(1_100);
    await new CollectorService(postgres.database, driver, impatient, log, metrics).clearLeftovers();
    expect(await Promise.all(probes.map(isThere))).toEqual([false, false]);
    expect(await isThere(due)).toBe(true);
  });
});

describe('CollectorService, a store that is short of space', () => {
  const repository = parseRepositoryName('team/app');
  const mebibyte = 1024 * 1024;

  /** Creates an upload whose last progress was `idle` seconds ago. */
  async function upload({ bytes, idle }: { bytes: number; idle: number }): Promise<string> {
    const id = randomUUID();
    const lifetimeSeconds = settings.uploadAge - idle;
    await createUpload(db, { id, repository, subject: 'ann', storageKey: keyOfUpload(id), lifetimeSeconds });
    const writer = randomUUID();
    await claimUpload(db, { id, repository, subject: 'ann', writer, leaseSeconds: 60 });
    const progress = { offset: bytes, driverState: null, lifetimeSeconds };
    await saveProgress(db, { id, writer, ...progress, release: 'release' });
    return id;
  }

  async function collect(free: number): Promise<void> {
    const store = await createStorageDriver({ inmemory: {} });
    store.space = async () => ({ free: free * mebibyte, total: 1000 * mebibyte });
    await new CollectorService(postgres.database, store, settings, log, metrics).expireIdleUploads();
  }

  const isOpen = async (id: string): Promise<boolean> =>
    (await findUpload(db, { id, repository, subject: 'ann' })) !== undefined;

  it('ends only idle uploads that hold bytes; their bytes may be deleted soon', async () => {
    const standing = await upload({ bytes: 10, idle: 3600 });
    const moving = await upload({ bytes: 10, idle: 60 });
    const empty = await upload({ bytes: 0, idle: 3600 });
    await collect(200);
    expect(await isOpen(standing)).toBe(true);
    await collect(20);
    expect(await Promise.all([standing, moving, empty].map(isOpen))).toEqual([false, true, true]);
    expect(await counted('longshore_gc_uploads')).toEqual([
      'longshore_gc_uploads_expired_total{service="test"} 1',
    ]);
    const { not_before: notBefore } = await db
      .selectFrom('blob_trash')
      .select('not_before')
      .where('storage_key', '=', keyOfUpload(standing))
      .executeTakeFirstOrThrow();
    expect(notBefore.getTime() - Date.now()).toBeLessThanOrEqual(120_000);
    expect(warnings).toEqual([{ uploads: 1, freeBytes: 20 * mebibyte, totalBytes: 1000 * mebibyte }]);
  });
});
