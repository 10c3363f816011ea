import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { referrersPage } from '../referrers/referrers-page.ts';
import { catalogPage } from '../repositories/repositories.ts';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { tagsPage } from './tags-page.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('pages/app');

describe('tagsPage', () => {
  it('goes in byte order, from a tag that need not exist', async () => {
    const tags = ['b', 'B', '_', 'a.1', 'a-1', 'a', '10', '9'].map(parseTag);
    await pushManifest(db, repository, '{}', { tags });
    const first = await tagsPage(db, { repository, limit: 4 });
    expect(first).toEqual({ items: ['10', '9', 'B', '_'], more: true });
    const rest = await tagsPage(db, { repository, after: '_z', limit: 4 });
    expect(rest).toEqual({ items: ['a', 'a-1', 'a.1', 'b'], more: false });
  });

  it('distinguishes an unknown repository from one without tags', async () => {
    const bare = parseRepositoryName('pages/bare');
    await pushManifest(db, bare, '{}');
    expect(await tagsPage(db, { repository: bare, limit: 4 })).toEqual({ items: [], more: false });
    const nowhere = parseRepositoryName('no/where');
    expect(await tagsPage(db, { repository: nowhere, limit: 4 })).toBe('repository-unknown');
  });
});

describe('catalogPage', () => {
  it('lists repositories that have a manifest, not those that only have an upload', async () => {
    await pushBlob(db, parseRepositoryName('pages/abandoned'), 'layer');
    await pushManifest(db, parseRepositoryName('pages/zoo'), '{}');
    const page = await catalogPage(db, { after: 'pages/aa', limit: 10 });
    expect(page).toEqual({ items: ['pages/app', 'pages/bare', 'pages/zoo'], more: false });
    expect(await catalogPage(db, { limit: 1 })).toEqual({ items: ['pages/app'], more: true });
  });

  it('lists those of ranges, in one order over all of them', async () => {
    const ranges = [
      { from: 'pages/app', to: 'pages/app!' },
      { from: 'pages/b', to: 'pages/b~' },
      { from: 'pages/zoo', to: 'pages/zoo!' },
    ];
    const all = { items: ['pages/app', 'pages/bare', 'pages/zoo'], more: false };
    expect(await catalogPage(db, { limit: 3, ranges })).toEqual(all);
    expect(await catalogPage(db, { limit: 1, ranges })).toEqual({ items: ['pages/app'], more: true });
    const rest = { items: ['pages/bare', 'pages/zoo'], more: false };
    expect(await catalogPage(db, { limit: 2, ranges, after: 'pages/app' })).toEqual(rest);
    expect(await catalogPage(db, { limit: 2, ranges: [] })).toEqual({ items: [], more: false });
    expect(await catalogPage(db, { limit: 2, ranges: [{ from: 'pages/ap', to: 'pages/app' }] })).toEqual({
      items: [],
      more: false,
    });
  });
});

describe('referrersPage', () => {
  it('lists those of one subject, in the order of digests, of one type when asked', async () => {
    const subject = digestOf('subject');
    const payloads = ['{"r":1}', '{"r":2}', '{"r":3}'];
    for (const payload of payloads) {
      const artifactType = payload === '{"r":2}' ? 'application/sbom' : 'application/signature';
      await pushManifest(db, repository, payload, { subject, artifactType, annotations: { payload } });
    }
    const sorted = payloads.map(digestOf).toSorted();
    const first = await referrersPage(db, { repository, subject, limit: 2, bytes: 1_000_000 });
    expect(first.items.map((item) => item.digest)).toEqual(sorted.slice(0, 2));
    const second = await referrersPage(db, {
      repository,
      subject,
      after: sorted[1],
      limit: 2,
      bytes: 1_000_000,
    });
    expect(second).toMatchObject({ items: [{ digest: sorted[2] }], more: false });
    const filtered = await referrersPage(db, {
      repository,
      subject,
      artifactType: 'application/sbom',
      limit: 9,
      bytes: 1_000_000,
    });
    expect(filtered.items).toMatchObject([
      { digest: digestOf('{"r":2}'), annotations: { payload: '{"r":2}' } },
    ]);
  });

  it('returns an empty page for an unknown repository or subject', async () => {
    const nowhere = parseRepositoryName('no/where');
    const none = { items: [], more: false };
    expect(
      await referrersPage(db, { repository: nowhere, subject: digestOf('x'), limit: 9, bytes: 1_000_000 }),
    ).toEqual(none);
    expect(
      await referrersPage(db, { repository, subject: digestOf('x'), limit: 9, bytes: 1_000_000 }),
    ).toEqual(none);
  });
});
