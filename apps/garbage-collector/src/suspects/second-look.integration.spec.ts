import { suspectBlob } from '@longshore/metadata';
import { migratedDatabase, pushBlob } from '@longshore/metadata/testing';
import { parseRepositoryName } from '@longshore/oci';
import { ServiceLog } from '@longshore/service-kit';
import { objectKey, StorageError } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import { createLogger, Metrics } from '@longshore/telemetry';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { SecondLook } from './second-look.service.ts';

const postgres = await migratedDatabase();
const { database } = postgres;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');
const driver = await createStorageDriver({ inmemory: {} });
const lines: Record<string, unknown>[] = [];
const log = new ServiceLog(createLogger({}, { write: (line: string) => void lines.push(JSON.parse(line)) }));
const metrics = new Metrics({ service: 'test' });
const look = new SecondLook(database, driver, metrics, log);

/** Creates a suspect blob, and the object under its key. */
async function suspect(content: string, object: string | undefined) {
  const digest = await pushBlob(database.db, repository, content);
  const blob = await database.lookups.blob({ repository, digest });
  if (typeof blob === 'string') throw new Error(blob);
  if (object !== undefined) await driver.put(objectKey(blob.storageKey), Buffer.from(object));
  await suspectBlob(database.db, { digest, storageKey: blob.storageKey });
  return { repository, digest };
}

beforeEach(async () => {
  lines.length = 0;
  await database.db.updateTable('blobs').set({ suspect_since: null, reread_after: null }).execute();
});

describe('SecondLook', () => {
  it('does nothing where nothing is suspect', async () => {
    expect(await look.step()).toBe('idle');
  });

  it('restores a blob whose object is whole, and logs it', async () => {
    const blob = await suspect('whole', 'whole');
    expect(await look.step()).toBe('worked');
    expect(await database.lookups.blob(blob)).toMatchObject({ size: 5 });
    expect(lines).toMatchObject([{ level: 'info', digest: blob.digest }]);
    expect(await metrics.registry.metrics()).toContain('outcome="whole"');
  });

  it('restores an empty blob', async () => {
    const blob = await suspect('', '');
    await look.step();
    expect(await database.lookups.blob(blob)).toMatchObject({ size: 0 });
  });

  it.each([
    ['other bytes', 'what'],
    ['bytes that are too few', 'wh'],
    ['no bytes at all', ''],
    ['an object that is not there', undefined],
  ])('leaves a blob unknown that has %s, and looks again later', async (object, bytes) => {
    const blob = await suspect(`was ${object}`, bytes);
    expect(await look.step()).toBe('worked');
    expect(await database.lookups.blob(blob)).toBe('blob-unknown');
    expect(await look.step()).toBe('idle');
  });

  it('leaves a blob suspect if the store does not answer', async () => {
    const blob = await suspect('store away', 'store away');
    const away = await createStorageDriver({ inmemory: {} });
    away.read = () => Promise.reject(new StorageError('unavailable', { driver: 'inmemory' }));
    await expect(new SecondLook(database, away, metrics, log).step()).rejects.toThrow('unavailable');
    expect(await database.lookups.blob(blob)).toBe('blob-unknown');
  });
});
