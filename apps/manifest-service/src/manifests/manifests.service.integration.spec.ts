import { createHash, randomUUID } from 'node:crypto';
import { loadConfiguration } from '@longshore/configuration';
import type { ManifestPush, Origin } from '@longshore/messaging';
import { claimUpload, commitUpload, createUpload, reviewManifest } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import {
  type Digest,
  digestToBytes,
  mediaTypes,
  type OciError,
  parseDigest,
  parseRepositoryName,
} from '@longshore/oci';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { afterAll, describe, expect, it } from 'vitest';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestEvents } from './manifest-events.ts';
import { ManifestParser } from './manifest-parser.ts';
import { PullRecords } from './pull-records.ts';
import { PullsService } from './pulls.service.ts';
import { ManifestsService } from './manifests.service.ts';

const postgres = await migratedDatabase();
const { database } = postgres;
const { db } = database;
afterAll(() => postgres.drop());

const configuration = loadConfiguration({
  environment: {
    REGISTRY_STORAGE_INMEMORY: '{}',
    REGISTRY_NOTIFICATIONS_ENDPOINTS: '[{name: x, url: "http://127.0.0.1:1"}]',
  },
});
const settings = new ManifestSettings(configuration);
const metrics = new Metrics({ service: 'test' });
const service = new ManifestsService(
  database,
  settings,
  new ManifestEvents(database, settings),
  new ManifestParser(settings),
  metrics,
);
const other = await postgres.open();
const eventsOfReplica = new ManifestEvents(other, settings);
const replica = new ManifestsService(other, settings, eventsOfReplica, new ManifestParser(settings), metrics);
const log = new ServiceLog(createLogger({ level: 'silent' }));
const pulls = new PullsService(
  other,
  settings,
  eventsOfReplica,
  new PullRecords(other, settings, log, metrics),
);

const repository = 'team/app';
const origin: Origin = {
  actor: 'ann',
  request: { id: 'r', addr: '198.51.100.7', host: 'x', method: 'PUT', useragent: '' },
  baseUrl: 'http://x',
};
const digestOf = (content: string | Uint8Array, algorithm = 'sha256'): Digest =>
  parseDigest(`${algorithm}:${createHash(algorithm).update(content).digest('hex')}`);

/** Adds a blob to the repository, in the state that blob-service leaves. */
async function blob(content: string): Promise<Digest> {
  const name = {
    id: randomUUID(),
    repository: parseRepositoryName(repository),
    subject: 'ann',
    writer: randomUUID(),
  };
  const key = `uploads/${name.id}`;
  await createUpload(db, { ...name, storageKey: key, lifetimeSeconds: 60 });
  await claimUpload(db, { ...name, leaseSeconds: 60 });
  const digest = digestOf(content);
  await commitUpload(db, { ...name, digest, size: content.length, key, grace: 60, notBeforeSeconds: 60 });
  return digest;
}

const descriptor = (digest: Digest, mediaType = 'application/octet-stream') => ({
  mediaType,
  digest,
  size: 1,
});

function image(blobs: readonly Digest[], more: Record<string, unknown> = {}): Buffer {
  const [config = digestOf(''), ...layers] = blobs;
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor(config),
    layers: layers.map((layer) => descriptor(layer)),
    ...more,
  };
  return Buffer.from(JSON.stringify(document, null, 3));
}

function index(children: readonly Digest[]): Buffer {
  const manifests = children.map((child) => descriptor(child, mediaTypes.ociManifest));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }));
}

const push = (reference: string, payload: Buffer, more: Partial<ManifestPush> = {}): ManifestPush => ({
  repository,
  reference,
  contentType: mediaTypes.ociManifest,
  payload,
  tags: [],
  origin,
  ...more,
});
const put = (reference: string, payload: Buffer, more: Partial<ManifestPush> = {}) =>
  service.put(push(reference, payload, more));
const get = (reference: string) => pulls.get({ repository, reference, payload: true });
const remove = (reference: string) => service.delete({ repository, reference, origin });

async function refusal(
  asking: Promise<unknown>,
): Promise<Pick<OciError, 'code' | 'entries' | 'status'> | undefined> {
  return asking.then(
    () => undefined,
    (error: OciError) => ({ code: error.code, entries: error.entries, status: error.status }),
  );
}

describe('ManifestsService, pushes', () => {
  it('answers in any replica the bytes exactly as they came, by tag and by digest', async () => {
    const payload = image([await blob('config'), await blob('layer')]);
    const digest = digestOf(payload);
    expect(await put('exact', payload, { tags: ['also'] })).toEqual({ digest, tags: ['exact', 'also'] });
    for (const reference of ['exact', 'also', digest]) {
      const found = await get(reference);
      expect(found).toMatchObject({ digest, mediaType: mediaTypes.ociManifest, size: payload.byteLength });
      expect(Buffer.from(found.payload ?? []).equals(payload)).toBe(true);
    }
  });

  it('names every missing blob, and stores nothing of the push', async () => {
    const [one, two] = [digestOf('missing one'), digestOf('missing two')];
    const payload = image([await blob('config'), one, two]);
    const refused = await refusal(put('incomplete', payload));
    expect(refused).toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN', status: 400 });
    expect(new Set(refused?.entries.map(({ detail }) => detail))).toEqual(
      new Set([{ digest: one }, { digest: two }]),
    );
    expect(await refusal(get('incomplete'))).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(await refusal(get(digestOf(payload)))).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });

  it('does not accept a blob of another repository', async () => {
    const payload = image([await blob('private to team/app')]);
    const refused = await refusal(put('stolen', payload, { repository: 'team/thief' }));
    expect(refused).toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN' });
  });

  it('refuses bytes that are not what the digest names', async () => {
    const payload = image([await blob('config')]);
    expect(await refusal(put(digestOf('other'), payload))).toMatchObject({ code: 'DIGEST_INVALID' });
  });

  it('answers a repeated push, and changes nothing', async () => {
    const payload = image([await blob('config')], { annotations: { again: 'yes' } });
    expect(await put('again', payload)).toEqual(await put('again', payload));
  });

  it('returns the subject of a push, whether or not it exists', async () => {
    const subject = digestOf('pushed later');
    const payload = image([await blob('config')], { subject: descriptor(subject, mediaTypes.ociManifest) });
    expect(await put('signature', payload)).toMatchObject({ subject });
  });

  it('writes one event per tag, in the transaction of the push', async () => {
    const payload = image([await blob('config')], { annotations: { told: 'of' } });
    await put('one', payload, { tags: ['two'] });
    const events = await db.selectFrom('outbox').select('data').orderBy('id').execute();
    const digest = digestOf(payload);
    const told = events.map(({ data }) => JSON.stringify(data)).filter((data) => data.includes(digest));
    expect(told).toHaveLength(2);
    expect(new Set(told.map((data) => /"tag":"(\w+)"/.exec(data)?.[1]))).toEqual(new Set(['one', 'two']));
  });

  it('lets one of many compare-and-swap pushes move a tag', async () => {
    const config = await blob('config');
    const first = await put('swapped', image([config], { annotations: { n: 'first' } }));
    const rivals = Array.from({ length: 8 }, (_, n) => image([config], { annotations: { n: String(n) } }));
    const outcomes = await Promise.all(
      rivals.map((payload, n) => {
        const swap = push('swapped', payload, { ifMatch: `"${first.digest}"` });
        return refusal((n % 2 === 0 ? service : replica).put(swap));
      }),
    );
    const refused = outcomes.filter((outcome) => outcome !== undefined);
    expect(refused).toHaveLength(7);
    for (const outcome of refused)
      expect(outcome).toMatchObject({ code: 'PRECONDITION_FAILED', status: 412 });
    const winner = rivals[outcomes.indexOf(undefined)] ?? Buffer.alloc(0);
    expect((await get('swapped')).digest).toBe(digestOf(winner));
  });

  it('does not move an existing tag if asked to create it only', async () => {
    const config = await blob('config');
    const payload = image([config], { annotations: { made: 'once' } });
    await put('made', payload, { ifNoneMatch: '*' });
    const again = put('made', image([config], { annotations: { made: 'twice' } }), { ifNoneMatch: '*' });
    expect(await refusal(again)).toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect((await get('made')).digest).toBe(digestOf(payload));
  });
});

describe('ManifestsService, indexes', () => {
  const asIndex = { contentType: mediaTypes.ociIndex };

  it('refuses an index with missing children, and accepts it once they exist', async () => {
    const child = image([await blob('config')], { annotations: { a: 'child' } });
    const payload = index([digestOf(child)]);
    expect(await refusal(put('multi', payload, asIndex))).toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
      entries: [{ detail: { digest: digestOf(child) } }],
    });
    await put(digestOf(child), child);
    expect(await put('multi', payload, asIndex)).toMatchObject({ digest: digestOf(payload) });
  });

  it('deletes no manifest that an index lists, until the index is gone', async () => {
    const child = image([await blob('config')], { annotations: { a: 'listed child' } });
    await put(digestOf(child), child);
    const payload = index([digestOf(child)]);
    await put('lists', payload, asIndex);
    expect(await refusal(remove(digestOf(child)))).toMatchObject({ code: 'UNSUPPORTED', status: 405 });
    await remove(digestOf(payload));
    expect(await remove(digestOf(child))).toEqual({ deleted: true });
  });
});

describe('ManifestsService, deletions', () => {
  it('deletes a tag and keeps the manifest; deletes a manifest with all its tags', async () => {
    const payload = image([await blob('config')], { annotations: { to: 'delete' } });
    await put('kept', payload, { tags: ['taken'] });
    await remove('taken');
    expect(await refusal(get('taken'))).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(await get('kept')).toMatchObject({ digest: digestOf(payload) });
    await remove(digestOf(payload));
    expect(await refusal(get('kept'))).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(await refusal(get(digestOf(payload)))).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });

  it('distinguishes an unknown repository from an unknown manifest', async () => {
    expect(await refusal(remove('never-pushed'))).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    const elsewhere = { repository: 'team/nowhere', reference: 'latest', origin };
    expect(await refusal(service.delete(elsewhere))).toMatchObject({ code: 'NAME_UNKNOWN' });
    expect(await refusal(pulls.get({ ...elsewhere, payload: true }))).toMatchObject({
      code: 'MANIFEST_UNKNOWN',
    });
  });
});

const secondsFromNow = (seconds: number) => new Date(Date.now() + seconds * 1000);
const head = (reference: string, pushing: boolean) =>
  pulls.get({ repository, reference, payload: false, ...(pushing ? { pushing } : {}) });

/** Adds an unreferenced child whose grace ends in a second. */
async function agingChild(content: string): Promise<Digest> {
  const payload = image([await blob(content)]);
  const digest = digestOf(payload);
  await service.put(push(digest, payload));
  await db
    .updateTable('manifests')
    .set({ pushed_at: secondsFromNow(1 - settings.grace) })
    .where('digest', '=', digestToBytes(digest))
    .execute();
  const { id } = await db
    .selectFrom('manifests')
    .select('id')
    .where('digest', '=', digestToBytes(digest))
    .executeTakeFirstOrThrow();
  await db.deleteFrom('gc_manifest_queue').where('manifest_id', '!=', id).execute();
  await db
    .updateTable('gc_manifest_queue')
    .set({ review_after: secondsFromNow(1) })
    .execute();
  return digest;
}
/** Ages everything by a grace less ten seconds, and runs a collector. */
async function collectAfterAlmostAGrace(): Promise<void> {
  await db
    .updateTable('manifests')
    .set({ pushed_at: secondsFromNow(-2 * settings.grace) })
    .execute();
  const { review_after: due } = await db
    .selectFrom('gc_manifest_queue')
    .select('review_after')
    .executeTakeFirstOrThrow();
  const earlier = new Date(due.getTime() - (settings.grace - 10) * 1000);
  await db.updateTable('gc_manifest_queue').set({ review_after: earlier }).execute();
  await reviewManifest(db, { grace: settings.grace });
}

describe('HEAD of a manifest', () => {
  it('by a pusher keeps what it found for the index that names it', async () => {
    const child = await agingChild('asked for by a pusher');
    expect(await head(child, true)).toMatchObject({ digest: child });
    await collectAfterAlmostAGrace();
    expect(
      await service.put(push('latest', index([child]), { contentType: mediaTypes.ociIndex })),
    ).toMatchObject({
      tags: ['latest'],
    });
  });

  it('by anybody else keeps nothing', async () => {
    const child = await agingChild('asked for by a reader');
    await head(child, false);
    await collectAfterAlmostAGrace();
    await expect(head(child, false)).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });
});
