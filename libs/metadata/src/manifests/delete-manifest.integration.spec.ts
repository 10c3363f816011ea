import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { deleteBlob } from '../blobs/delete-blob.ts';
import { deleteTag } from '../tags/delete-tag.ts';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { deleteManifest } from './delete-manifest.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');
const digest = digestOf('{"image":1}');
const common = { repository, grace: 3600 };

describe('deleteManifest', () => {
  it('deletes the tags with the manifest and returns them', async () => {
    await pushManifest(db, repository, '{"image":1}', { tags: ['b', 'a'].map(parseTag) });
    const outcome = await deleteManifest(db, { ...common, digest, childOfIndex: 'refuse' });
    expect(outcome).toMatchObject({ kind: 'deleted', tags: ['a', 'b'], size: 11 });
    const reference = { kind: 'tag', tag: parseTag('a') } as const;
    expect(await lookups.manifest({ repository, reference })).toBe('manifest-unknown');
    const again = await deleteManifest(db, { ...common, digest, childOfIndex: 'refuse' });
    expect(again.kind).toBe('manifest-unknown');
  });

  it('refuses a child of an index, or takes it from the index', async () => {
    await pushManifest(db, repository, '{"image":1}');
    await pushManifest(db, repository, '{"index":1}', { children: [{ digest, required: true }] });
    const refused = await deleteManifest(db, { ...common, digest, childOfIndex: 'refuse' });
    expect(refused.kind).toBe('child-of-index');
    const detached = await deleteManifest(db, { ...common, digest, childOfIndex: 'detach' });
    expect(detached.kind).toBe('deleted');
  });

  it('distinguishes an unknown repository from an unknown manifest', async () => {
    const nowhere = parseRepositoryName('no/where');
    const outcome = await deleteManifest(db, {
      ...common,
      repository: nowhere,
      digest,
      childOfIndex: 'refuse',
    });
    expect(outcome.kind).toBe('repository-unknown');
  });
});

describe('deleteTag', () => {
  it('leaves the manifest and its other tags', async () => {
    await pushManifest(db, repository, '{"tagged":1}', { tags: ['x', 'y'].map(parseTag) });
    const outcome = await deleteTag(db, { ...common, tag: parseTag('x') });
    expect(outcome).toEqual({ kind: 'deleted', digest: digestOf('{"tagged":1}') });
    const tagged = await lookups.manifestEntry({
      repository,
      reference: { kind: 'tag', tag: parseTag('y') },
    });
    expect(tagged).toMatchObject({ digest: digestOf('{"tagged":1}') });
    expect(await deleteTag(db, { ...common, tag: parseTag('x') })).toEqual({ kind: 'tag-unknown' });
  });
});

describe('deleteBlob', () => {
  it('refuses while a manifest of the repository needs the blob, and then hides it at once', async () => {
    const blob = await pushBlob(db, repository, 'needed');
    await pushManifest(db, repository, '{"needs":1}', { blobs: [blob] });
    expect(await deleteBlob(db, { ...common, digest: blob })).toBe('referenced');
    await deleteManifest(db, { ...common, digest: digestOf('{"needs":1}'), childOfIndex: 'refuse' });
    expect(await deleteBlob(db, { ...common, digest: blob })).toBe('deleted');
    expect(await lookups.blob({ repository, digest: blob })).toBe('blob-unknown');
    expect(await deleteBlob(db, { ...common, digest: blob })).toBe('unknown');
  });

  it('leaves the blob to other repositories', async () => {
    const other = parseRepositoryName('team/other');
    const blob = await pushBlob(db, repository, 'shared');
    await pushBlob(db, other, 'shared');
    await deleteBlob(db, { ...common, digest: blob });
    expect(await lookups.blob({ repository: other, digest: blob })).toMatchObject({ size: 6 });
  });
});
