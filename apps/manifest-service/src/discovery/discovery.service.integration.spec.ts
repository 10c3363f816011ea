import { createHash } from 'node:crypto';
import { loadConfiguration } from '@longshore/configuration';
import { putManifest } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import {
  type Digest,
  fallbackTag,
  mediaTypes,
  parseDigest,
  parseManifest,
  parseRepositoryName,
} from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestParser } from '../manifests/manifest-parser.ts';
import { DiscoveryService } from './discovery.service.ts';

const postgres = await migratedDatabase();
const { database } = postgres;
const settings = new ManifestSettings(
  loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } }),
);
const parser = new ManifestParser(settings);
const discovery = new DiscoveryService(database, settings, parser);
afterAll(async () => {
  await parser.onApplicationShutdown();
  await postgres.drop();
});

const digestOf = (content: string | Uint8Array): Digest =>
  parseDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
const mebibyte = 1024 * 1024;

/** Stores a referrer whose manifest is as large as its annotation, which holds nearly all bytes. */
async function putReferrer(repository: string, subject: Digest, bytes: number, seed = 0): Promise<Digest> {
  const annotations = { seed: String(seed), filling: 'x'.repeat(bytes) };
  const payload = Buffer.from(JSON.stringify({ annotations, subject }));
  const digest = digestOf(payload);
  await putManifest(database.db, {
    repository: parseRepositoryName(repository),
    digest,
    mediaType: mediaTypes.ociManifest,
    artifactType: 'application/vnd.example',
    subject,
    annotations,
    payload,
    blobs: [],
    children: [],
    tags: [],
    grace: 60,
  });
  return digest;
}

/** Stores an index under the fallback tag that lists absent manifests. */
async function listUnderFallbackTag(repository: string, subject: Digest, annotations: readonly string[]) {
  const manifests = annotations.map((text) => ({
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(`listed ${text}`),
    size: 2,
    annotations: { text },
  }));
  const payload = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  );
  await putManifest(database.db, {
    repository: parseRepositoryName(repository),
    digest: digestOf(payload),
    mediaType: mediaTypes.ociIndex,
    annotations: {},
    payload,
    blobs: [],
    children: [],
    tags: [fallbackTag(subject)],
    grace: 60,
  });
  return manifests.map(({ digest }) => digest);
}

interface Walk {
  readonly pages: number;
  readonly digests: readonly Digest[];
  /** Bytes of the largest page. */
  readonly bytes: number;
}

async function walk(repository: string, subject: Digest, limit?: number): Promise<Walk> {
  const digests: Digest[] = [];
  let [last, pages, bytes]: [string | undefined, number, number] = [undefined, 0, 0];
  do {
    const query = { repository, subject, ...(limit === undefined ? {} : { limit }) };
    const page = await discovery.referrers(last === undefined ? query : { ...query, last });
    const { manifests } = parseManifest(page.index, mediaTypes.ociIndex);
    digests.push(...manifests.map(({ digest }) => digest));
    pages += 1;
    bytes = Math.max(bytes, page.index.byteLength);
    last = page.next;
  } while (last !== undefined && pages < 100);
  return { pages, digests, bytes };
}

const sorted = (digests: readonly Digest[]): readonly Digest[] => digests.toSorted();

describe('DiscoveryService, referrers', () => {
  it('lists few referrers on one page', async () => {
    const subject = digestOf('few');
    const put = [await putReferrer('few', subject, 100), await putReferrer('few', subject, 100, 1)];
    expect(await walk('few', subject)).toMatchObject({ pages: 1, digests: sorted(put) });
  });

  it('ends a page before it has more bytes than a client reads, and lists each referrer once', async () => {
    const subject = digestOf('large');
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const put = await Promise.all(seeds.map((seed) => putReferrer('large', subject, mebibyte / 2, seed)));
    const found = await walk('large', subject);
    expect(found.digests).toEqual(sorted(put));
    expect(found.bytes).toBeLessThan(2 * mebibyte + 1024);
    expect(found.pages).toBe(4);
  });

  it('gives a referrer that is larger than a page a page of its own', async () => {
    const subject = digestOf('huge');
    const put = await Promise.all(
      [0, 1, 2].map((seed) => putReferrer('huge', subject, 4 * mebibyte - 1024, seed)),
    );
    const found = await walk('huge', subject);
    expect([found.pages, found.digests]).toEqual([3, sorted(put)]);
    expect(found.bytes).toBeLessThan(4 * mebibyte);
  });

  it.each([undefined, 1, 5])('merges what clients listed by hand, at most %s on a page', async (limit) => {
    const repository = `merged-${limit ?? 'all'}`;
    const subject = digestOf('merged');
    const listed = await listUnderFallbackTag(
      repository,
      subject,
      ['a', 'b', 'c', 'd'].map((text) => text.repeat(mebibyte / 2)),
    );
    const put = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((seed) => putReferrer(repository, subject, mebibyte / 2, seed)),
    );
    const found = await walk(repository, subject, limit);
    expect(found.digests).toEqual(sorted([...listed, ...put]));
    expect(found.bytes).toBeLessThan(2 * mebibyte + 1024);
  });

  it('gives an empty page for a limit of none', async () => {
    const subject = digestOf('few');
    expect(await walk('few', subject, 0)).toMatchObject({ pages: 1, digests: [] });
  });
});
