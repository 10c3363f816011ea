import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@longshore/configuration';
import { mountBlob, suspectBlob } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { type Digest, parseDigest, parseRepositoryName } from '@longshore/oci';
import { ServiceLog } from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { objectKey, type StorageDriver } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import { createLogger, Metrics } from '@longshore/telemetry';
import { eventually, exchange } from '@longshore/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BlobSettings } from '../blob-settings.ts';
import { BlobEvents } from '../events/blob-events.ts';
import { MountsService } from '../mounts/mounts.service.ts';
import { UploadEndpoints } from '../uploads/uploads.endpoints.ts';
import { UploadSeries } from '../uploads/upload-series.ts';
import { UploadsService } from '../uploads/uploads.service.ts';
import { BlobReader } from './blob-reader.ts';
import { BlobEndpoints } from './blobs.endpoints.ts';
import { BlobsService } from './blobs.service.ts';
import { Suspicions } from './suspicions.service.ts';

const postgres = await migratedDatabase();
const root = await mkdtemp(join(tmpdir(), 'damaged-blobs-'));
afterAll(async () => {
  await postgres.drop();
  await rm(root, { recursive: true });
});

const drivers = { filesystem: { rootdirectory: root }, inmemory: {} };
const { database } = postgres;
const settings = new BlobSettings(
  loadConfiguration({
    environment: { REGISTRY_STORAGE_INMEMORY: '{}', REGISTRY_STORAGE_VERIFY_PULLS: 'true' },
  }),
);
const digestOf = (bytes: Buffer): Digest =>
  parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);

async function objectOf(repository: string, digest: Digest) {
  const blob = await database.lookups.blob({ repository: parseRepositoryName(repository), digest });
  return objectKey(typeof blob === 'string' ? blob : blob.storageKey);
}

describe.each(Object.entries(drivers))('a blob whose object is damaged (%s)', (name, parameters) => {
  const lines: Record<string, unknown>[] = [];
  let metrics: Metrics;
  let driver: StorageDriver;
  let door: OpenDoor;

  beforeAll(async () => {
    driver = await createStorageDriver({ [name]: parameters });
  });
  beforeEach(async () => {
    lines.length = 0;
    metrics = new Metrics({ service: 'test' });
    const write = (line: string): void => void lines.push(JSON.parse(line));
    const log = new ServiceLog(createLogger({}, { write }));
    const events = new BlobEvents(settings);
    const suspicions = new Suspicions(database, metrics, log);
    const blobs = new BlobsService(database, driver, settings, events);
    const reader = new BlobReader(database, driver, settings, suspicions);
    const uploads = new UploadsService(database, driver, settings, events, new UploadSeries(metrics));
    const mounts = new MountsService(database, settings, events, metrics);
    door = await openDoor({
      endpoints: [new BlobEndpoints(blobs, reader, settings), new UploadEndpoints(uploads, mounts, driver)],
      log,
    });
  });
  afterAll(() => driver.close());

  const ask = (method: string, path: string, options: Parameters<typeof exchange>[2] = {}) =>
    exchange(door.origin, `/v2/${path}`, { ...options, method });
  async function push(repository: string, content: Buffer): Promise<Digest> {
    const digest = digestOf(content);
    const { status } = await ask('POST', `${repository}/blobs/uploads/?digest=${digest}`, { body: content });
    expect(status).toBe(201);
    return digest;
  }
  /** Pushes a blob to two repositories, then replaces its object by `bytes` or deletes it. */
  async function damaged(content: Buffer, bytes: Buffer | undefined): Promise<Digest> {
    const digest = await push('team/app', content);
    const [from, to] = [parseRepositoryName('team/app'), parseRepositoryName('team/other')];
    await mountBlob(database.db, { from: [from], to, digest, grace: 3600 });
    const key = await objectOf('team/app', digest);
    if (bytes === undefined) await driver.delete([key]);
    else await driver.put(key, bytes);
    return digest;
  }
  const stateOf = async (digest: Digest) =>
    Promise.all(
      ['team/app', 'team/other'].map(async (repository) => {
        const { status } = await ask('HEAD', `${repository}/blobs/${digest}`);
        return status;
      }),
    );

  const content = Buffer.alloc(700_000, `${name} layer `);
  const flipped = Buffer.from(content);
  flipped.writeUInt8(flipped.readUInt8(350_000) ^ 8, 350_000);

  it('is 404 when it is gone, for GET and HEAD in every repository, until any push repairs it', async () => {
    const digest = await damaged(content, undefined);
    const get = await ask('GET', `team/app/blobs/${digest}`);
    expect([get.status, get.body.toString()]).toEqual([404, expect.stringContaining('BLOB_UNKNOWN')]);
    expect(await stateOf(digest)).toEqual([404, 404]);
    const mount = await ask('POST', `team/third/blobs/uploads/?mount=${digest}&from=team/app`);
    expect(mount.status).toBe(202);
    await push('team/fourth', content);
    expect(await stateOf(digest)).toEqual([200, 200]);
    expect((await ask('GET', `team/other/blobs/${digest}`)).body.equals(content)).toBe(true);
    const key = expect.stringMatching(/.+/);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ digest, key, fault: 'absent' }]);
    expect(await metrics.registry.metrics()).toMatch(/registry_blobs_suspected_total\{fault="absent".*\} 1/);
  });

  it('never reaches a client completely with a wrong bit, and is unknown afterwards', async () => {
    const digest = await damaged(content, flipped);
    await expect(ask('GET', `team/app/blobs/${digest}`)).rejects.toThrow(/aborted|hang up|terminated|closed/);
    await eventually(async () => expect(await stateOf(digest)).toEqual([404, 404]));
    expect(lines).toContainEqual(expect.objectContaining({ digest, fault: 'digest' }));
    await push('team/app', content);
    expect((await ask('GET', `team/other/blobs/${digest}`)).body.equals(content)).toBe(true);
  });

  it('never reaches a client completely when it is short, and is unknown afterwards', async () => {
    const digest = await damaged(content, content.subarray(0, 400_000));
    await expect(ask('GET', `team/app/blobs/${digest}`)).rejects.toThrow(/aborted|hang up|terminated|closed/);
    await eventually(async () => expect(await stateOf(digest)).toEqual([404, 404]));
    expect(lines).toContainEqual(expect.objectContaining({ digest, fault: 'length' }));
  });

  it('is 404 for a Range beyond the end of a short object', async () => {
    const digest = await damaged(content, content.subarray(0, 10));
    const headers = { range: 'bytes=500-600' };
    expect((await ask('GET', `team/app/blobs/${digest}`, { headers })).status).toBe(404);
    expect(await stateOf(digest)).toEqual([404, 404]);
  });

  it('is served from its new object when a push replaced it under a GET', async () => {
    const digest = await damaged(content, undefined);
    const old = await database.lookups.blob({ repository: parseRepositoryName('team/app'), digest });
    await push('team/app', content);
    if (typeof old === 'string') throw new Error(old);
    vi.spyOn(database.lookups, 'blob').mockResolvedValueOnce(old);
    expect((await ask('GET', `team/app/blobs/${digest}`)).body.equals(content)).toBe(true);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await suspectBlob(database.db, { digest, storageKey: old.storageKey })).toBe(false);
  });
});
