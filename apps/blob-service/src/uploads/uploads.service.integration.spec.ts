import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadConfiguration } from '@longshore/configuration';
import type { Origin } from '@longshore/messaging';
import { migratedDatabase } from '@longshore/metadata/testing';
import { type Digest, type OciError, parseDigest, parseRepositoryName } from '@longshore/oci';
import { objectKey, type StorageDriver } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import { eventually } from '@longshore/testing';
import { Metrics } from '@longshore/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobSettings } from '../blob-settings.ts';
import { BlobEvents } from '../events/blob-events.ts';
import { UploadSeries } from './upload-series.ts';
import { type Chunk, type SessionName, UploadsService } from './uploads.service.ts';

const postgres = await migratedDatabase();
const root = await mkdtemp(join(tmpdir(), 'uploads-'));
const config = loadConfiguration({
  environment: {
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: root,
    REGISTRY_NOTIFICATIONS_ENDPOINTS: '[{name: x, url: "http://127.0.0.1:1"}]',
  },
});
const settings = new BlobSettings(config);
const counts = new UploadSeries(new Metrics({ service: 'test' }));
let driver: StorageDriver;
let replicas: readonly [UploadsService, UploadsService];

beforeAll(async () => {
  driver = await createStorageDriver({ filesystem: { rootdirectory: root } });
  const other = await createStorageDriver({ filesystem: { rootdirectory: root } });
  replicas = [
    new UploadsService(postgres.database, driver, settings, new BlobEvents(settings), counts),
    new UploadsService(await postgres.open(), other, settings, new BlobEvents(settings), counts),
  ];
});
afterAll(async () => {
  await postgres.drop();
  await rm(root, { recursive: true });
});

const { db, lookups } = postgres.database;
const repository = parseRepositoryName('team/app');
const origin: Origin = {
  actor: 'ann',
  request: { id: 'r', addr: '198.51.100.7', host: 'x', method: 'PUT', useragent: '' },
  baseUrl: 'http://x',
};

const digestOf = (text: string | Uint8Array, algorithm = 'sha256'): Digest =>
  parseDigest(`${algorithm}:${createHash(algorithm).update(text).digest('hex')}`);

function chunk(source: string | Readable, range?: Chunk['range']): Chunk {
  const bytes =
    typeof source === 'string' ? Readable.from(source === '' ? [] : [Buffer.from(source)]) : source;
  return { source: bytes, range, algorithm: 'sha256', signal: new AbortController().signal };
}
/** Makes a chunk with a Content-Range that begins at `start`. */
const chunkAt = (start: number, text: string): Chunk => chunk(text, { start, end: start + text.length - 1 });

/** Makes the transaction that creates the blob fail, after the bytes have been renamed. */
class FailingEvents extends BlobEvents {
  override pushed(): never {
    throw new Error('the database is away');
  }
}

async function begin(): Promise<SessionName> {
  const name = { id: randomUUID(), repository, subject: 'ann' };
  await replicas[0].start(name);
  return name;
}

/** Returns what a reader of the repository gets. */
async function contents(digest: Digest): Promise<string> {
  const blob = await lookups.blob({ repository, digest });
  if (typeof blob === 'string') return blob;
  const stream = await driver.read(objectKey(blob.storageKey));
  return Buffer.concat(await stream.toArray()).toString();
}

async function refusal(asking: Promise<unknown>): Promise<Pick<OciError, 'code' | 'headers'>> {
  return asking.then(
    () => ({ code: 'UNKNOWN', headers: { why: 'it was not refused' } }),
    (error: OciError) => ({ code: error.code, headers: error.headers }),
  );
}

/** Makes a body that yields these parts and then waits until the test ends it. */
function held(...parts: readonly string[]): Readable {
  const body = new Readable({ read: () => undefined });
  for (const part of parts) body.push(Buffer.from(part));
  return body;
}

describe('UploadsService, whole uploads', () => {
  it('creates a blob from one body', async () => {
    const name = await begin();
    await replicas[0].finish(name, digestOf('monolith'), { chunk: chunk('monolith'), origin });
    expect(await contents(digestOf('monolith'))).toBe('monolith');
  });

  it('creates an empty blob', async () => {
    const name = await begin();
    await replicas[0].finish(name, digestOf(''), { origin });
    expect(await contents(digestOf(''))).toBe('');
  });

  it('keeps a blob under sha512', async () => {
    const name = await begin();
    await replicas[0].append(name, chunk('in one algorithm'));
    const digest = digestOf('in one algorithm', 'sha512');
    await replicas[0].finish(name, digest, { origin });
    expect(await contents(digest)).toBe('in one algorithm');
  });

  it('accepts chunks on any replica', async () => {
    const name = await begin();
    const [one, two] = replicas;
    expect(await one.append(name, chunkAt(0, 'first '))).toMatchObject({ offset: 6 });
    expect(await two.append(name, chunkAt(6, 'second '))).toMatchObject({ offset: 13 });
    expect(await one.status(name)).toMatchObject({ offset: 13 });
    await one.finish(name, digestOf('first second third'), { chunk: chunkAt(13, 'third'), origin });
    expect(await contents(digestOf('first second third'))).toBe('first second third');
  });

  it('records one event of a push, in the transaction that creates the blob', async () => {
    const name = await begin();
    const digest = digestOf('announced');
    await replicas[0].finish(name, digest, { chunk: chunk('announced'), origin });
    const events = await db.selectFrom('outbox').select('data').execute();
    expect(JSON.stringify(events).split(digest)).toHaveLength(3); // target.digest and target.url
  });
});

describe('UploadsService, refusals', () => {
  it('keeps nothing of bytes that have another digest', async () => {
    const name = await begin();
    const wrong = digestOf('something else');
    const key = (
      await db
        .selectFrom('upload_sessions')
        .select('storage_key')
        .where('id', '=', name.id)
        .executeTakeFirst()
    )?.storage_key;
    expect(await refusal(replicas[0].finish(name, wrong, { chunk: chunk('bytes'), origin }))).toMatchObject({
      code: 'DIGEST_INVALID',
    });
    expect(await contents(wrong)).toBe('blob-unknown');
    expect(await refusal(replicas[0].status(name))).toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
    const trash = await db.selectFrom('blob_trash').select('storage_key').execute();
    expect(trash).toContainEqual({ storage_key: key });
  });

  it.each([
    ['another repository', { repository: parseRepositoryName('team/other') }],
    ['another subject', { subject: 'bob' }],
    ['another id', { id: randomUUID() }],
  ])('gives no access to a session with %s', async (_, difference) => {
    const name = { ...(await begin()), ...difference };
    const unknown = { code: 'BLOB_UPLOAD_UNKNOWN' };
    expect(await refusal(replicas[0].status(name))).toMatchObject(unknown);
    expect(await refusal(replicas[0].append(name, chunk('x')))).toMatchObject(unknown);
    expect(await refusal(replicas[0].cancel(name))).toMatchObject(unknown);
    expect(await refusal(replicas[0].finish(name, digestOf('never stored'), { origin }))).toMatchObject(
      unknown,
    );
  });

  it('refuses a chunk out of order, says what it has, and continues from there', async () => {
    const name = await begin();
    await replicas[0].append(name, chunkAt(0, 'abc'));
    expect(await refusal(replicas[1].append(name, chunkAt(5, 'x')))).toMatchObject({
      code: 'RANGE_INVALID',
      headers: { range: '0-2' },
    });
    await replicas[1].finish(name, digestOf('abcdef'), { chunk: chunkAt(3, 'def'), origin });
    expect(await contents(digestOf('abcdef'))).toBe('abcdef');
  });

  it('can finish with another digest after the last chunk was refused', async () => {
    const name = await begin();
    await replicas[0].append(name, chunkAt(0, 'abc'));
    const misplaced = replicas[0].finish(name, digestOf('guess'), { chunk: chunkAt(9, 'x'), origin });
    expect(await refusal(misplaced)).toMatchObject({ code: 'RANGE_INVALID' });
    await replicas[0].finish(name, digestOf('abc'), { origin });
    expect(await contents(digestOf('abc'))).toBe('abc');
  });

  it('refuses a body that is shorter than its Content-Range, and keeps its bytes', async () => {
    const name = await begin();
    const short = chunk('abc', { start: 0, end: 9 });
    expect(await refusal(replicas[0].append(name, short))).toMatchObject({ code: 'SIZE_INVALID' });
    expect(await replicas[0].status(name)).toMatchObject({ offset: 3 });
  });
});

describe('UploadsService, clients that retry', () => {
  it('accepts the retry of a last request whose answer was lost', async () => {
    const name = await begin();
    const digest = digestOf('asked twice');
    await replicas[0].finish(name, digest, { chunk: chunk('asked twice'), origin });
    await expect(
      replicas[1].finish(name, digest, { chunk: chunk('asked twice'), origin }),
    ).resolves.toBeUndefined();
    expect(await refusal(replicas[1].finish(name, digestOf('not it'), { origin }))).toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
  });

  it('keeps the bytes of a body that broke off, and continues from there', async () => {
    const name = await begin();
    const body = held('came ');
    const broken = replicas[0].append(name, chunk(body));
    setTimeout(() => body.destroy(new Error('the client has gone')), 50);
    await expect(broken).rejects.toThrow('the client has gone');
    expect(await replicas[1].status(name)).toMatchObject({ offset: 5 });
    await replicas[1].append(name, chunkAt(5, 'through'));
    await replicas[0].finish(name, digestOf('came through'), { origin });
    expect(await contents(digestOf('came through'))).toBe('came through');
  });

  it('continues after a last request that broke off', async () => {
    const name = await begin();
    const digest = digestOf('last but not lost');
    const body = held('last but ');
    const broken = replicas[0].finish(name, digest, { chunk: chunk(body), origin });
    setTimeout(() => body.destroy(new Error('the client has gone')), 50);
    await expect(broken).rejects.toThrow('the client has gone');
    await replicas[1].append(name, chunkAt(9, 'not '));
    await replicas[1].finish(name, digest, { chunk: chunkAt(13, 'lost'), origin });
    expect(await contents(digest)).toBe('last but not lost');
  });

  it('finishes a commit that stopped before the database knew of it', async () => {
    const name = await begin();
    const digest = digestOf('renamed already');
    await replicas[0].append(name, chunk('renamed already'));
    const half = new UploadsService(postgres.database, driver, settings, new FailingEvents(settings), counts);
    await expect(half.finish(name, digest, { origin })).rejects.toThrow('the database is away');
    // A client that repeats its last chunk is told that it exists, and nothing is lost.
    expect(
      await refusal(replicas[1].finish(name, digest, { chunk: chunkAt(0, 'renamed'), origin })),
    ).toMatchObject({
      code: 'RANGE_INVALID',
    });
    const row = db.selectFrom('upload_sessions').select('final_key').where('id', '=', name.id);
    expect(await row.executeTakeFirst()).toEqual({ final_key: expect.stringContaining(name.id) });
    await replicas[1].finish(name, digest, { origin });
    expect(await contents(digest)).toBe('renamed already');
  });
});

describe('UploadsService, concurrent requests', () => {
  it('gives the same answer to two requests that close one session, and has one blob', async () => {
    const name = await begin();
    const digest = digestOf('closed by two');
    await replicas[0].append(name, chunk('closed by two'));
    await Promise.all(replicas.map((replica) => replica.finish(name, digest, { origin })));
    expect(await contents(digest)).toBe('closed by two');
    const rows = await db.selectFrom('upload_sessions').select('id').where('id', '=', name.id).execute();
    expect(rows).toEqual([]);
  });

  it('keeps one object of a blob that two sessions upload', async () => {
    const digest = digestOf('brought by two');
    const names = [await begin(), await begin()];
    await Promise.all(
      names.map(async (name, at) =>
        replicas[at % 2]?.finish(name, digest, { chunk: chunk('brought by two'), origin }),
      ),
    );
    expect(await contents(digest)).toBe('brought by two');
    const blobs = await db.selectFrom('blobs').select('storage_key').execute();
    const trash = await db.selectFrom('blob_trash').select('storage_key').execute();
    const objects = await readdir(join(root, 'blobs'), { recursive: true });
    const keys = new Set([...blobs, ...trash].map(({ storage_key: key }) => key));
    for (const name of names) {
      const object = objects.find((path) => path.endsWith(name.id));
      expect(object === undefined || keys.has(`blobs/${object}`)).toBe(true);
    }
  });

  it('cancels a session during a write: the writer is told, and no blob is created', async () => {
    const name = await begin();
    const body = held('half');
    const writing = refusal(replicas[0].finish(name, digestOf('half whole'), { chunk: chunk(body), origin }));
    await eventually(async () => {
      const row = db.selectFrom('upload_sessions').select('writer').where('id', '=', name.id);
      expect((await row.executeTakeFirst())?.writer).toBeTruthy();
    });
    await replicas[1].cancel(name);
    // The body never ends; only the lost lease can end the request.
    expect(await writing).toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
    expect(await contents(digestOf('half whole'))).toBe('blob-unknown');
    body.destroy();
  });
});
