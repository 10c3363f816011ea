import { parseRepositoryName, parseTag } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const latest = parseTag('latest');
const child = (payload: string, required = true) => ({ digest: digestOf(payload), required });

describe('putManifest', () => {
  it('stores the bytes under every tag at once', async () => {
    const repository = parseRepositoryName('put/tags');
    const tags = ['a', 'b', 'latest'].map(parseTag);
    const blobs = [await pushBlob(db, repository, 'layer')];
    expect(await pushManifest(db, repository, '{"é":1}', { blobs, tags })).toMatchObject({ created: true });
    const found = await Promise.all(
      tags.map((tag) => lookups.manifest({ repository, reference: { kind: 'tag', tag } })),
    );
    for (const manifest of found) expect(manifest).toMatchObject({ payload: Buffer.from('{"é":1}') });
  });

  it('lists everything that is missing, and stores nothing', async () => {
    const repository = parseRepositoryName('put/missing');
    const there = await pushBlob(db, repository, 'there');
    const outcome = await pushManifest(db, repository, '{}', {
      blobs: [digestOf('x'), there, digestOf('y')],
      children: [child('z'), child('sparse', false)],
    });
    const missing = { blobs: [digestOf('x'), digestOf('y')], children: [digestOf('z')] };
    expect(outcome).toEqual({ kind: 'missing', ...missing });
    const reference = { kind: 'digest', digest: digestOf('{}') } as const;
    expect(await lookups.manifest({ repository, reference })).toBe('manifest-unknown');
  });

  it('refuses a blob that only another repository has', async () => {
    const blob = await pushBlob(db, parseRepositoryName('put/elsewhere'), 'private');
    const outcome = await pushManifest(db, parseRepositoryName('put/here'), '{}', { blobs: [blob] });
    expect(outcome).toMatchObject({ kind: 'missing', blobs: [blob] });
  });

  it('takes a blob for the child of an index, as BuildKit pushes its cache', async () => {
    const repository = parseRepositoryName('put/buildkit');
    const cached = await pushBlob(db, repository, 'cached layer');
    const outcome = await pushManifest(db, repository, '{"cache":1}', {
      children: [{ digest: cached, required: true }],
    });
    expect(outcome).toMatchObject({ kind: 'stored' });
    const edges = await db.selectFrom('manifest_blobs').select('digest').execute();
    expect(edges.length).toBeGreaterThan(0);
  });

  it('links the children that came after a sparse index, when the index is pushed again', async () => {
    const repository = parseRepositoryName('put/sparse');
    const children = [child('{"late":1}', false)];
    await pushManifest(db, repository, '{"sparse":1}', { children });
    await pushManifest(db, repository, '{"late":1}');
    const again = await pushManifest(db, repository, '{"sparse":1}', { children });
    expect(again).toMatchObject({ kind: 'stored', created: false });
    const edges = await db
      .selectFrom('manifest_children')
      .innerJoin('manifests', 'manifests.id', 'manifest_children.parent_id')
      .innerJoin('repositories', 'repositories.id', 'manifests.repository_id')
      .where('repositories.name', '=', repository)
      .select('child_id')
      .execute();
    expect(edges).toHaveLength(1);
  });

  it('accepts exactly one of two conditional writers of a tag', async () => {
    const repository = parseRepositoryName('put/conditional');
    await pushManifest(db, repository, '{"v":0}', { tags: [latest] });
    const condition = { tag: latest, ifMatch: [digestOf('{"v":0}')] };
    const outcomes = await Promise.all(
      ['{"v":1}', '{"v":2}', '{"v":3}'].map((payload) =>
        pushManifest(db, repository, payload, { tags: [latest], condition }),
      ),
    );
    const kinds = outcomes.map((outcome) => outcome.kind).toSorted();
    expect(kinds).toEqual(['precondition-failed', 'precondition-failed', 'stored']);
  });

  it('stores nothing if the tag exists and the condition requires that it does not', async () => {
    const repository = parseRepositoryName('put/create-only');
    const condition = { tag: latest, ifNoneMatch: 'any' } as const;
    const first = await pushManifest(db, repository, '{"v":1}', { tags: [latest], condition });
    expect(first.kind).toBe('stored');
    const second = await pushManifest(db, repository, '{"v":2}', { tags: [latest], condition });
    expect(second.kind).toBe('precondition-failed');
    const reference = { kind: 'digest', digest: digestOf('{"v":2}') } as const;
    expect(await lookups.manifest({ repository, reference })).toBe('manifest-unknown');
  });

  it('creates a tag that it may not move, and of two at the same time only one', async () => {
    const repository = parseRepositoryName('put/fixed');
    const put = (payload: string) =>
      pushManifest(db, repository, payload, { tags: [latest], fixedTags: [latest] });
    const kinds = await Promise.all(['{"v":1}', '{"v":2}', '{"v":3}'].map(put));
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['stored', 'tag-fixed', 'tag-fixed']);
    const winner = ['{"v":1}', '{"v":2}', '{"v":3}'][kinds.findIndex(({ kind }) => kind === 'stored')] ?? '';
    expect((await put(winner)).kind).toBe('stored');
    expect(await put('{"v":4}')).toEqual({ kind: 'tag-fixed', tag: latest });
    const reference = { kind: 'digest', digest: digestOf('{"v":4}') } as const;
    expect(await lookups.manifest({ repository, reference })).toBe('manifest-unknown');
  });

  it('writes events in the same transaction', async () => {
    const repository = parseRepositoryName('put/events');
    const id = '01890000-0000-7000-8000-000000000001';
    const failing = pushManifest(db, repository, '{"v":1}', {
      events: () => [
        { id, data: 1 },
        { id, data: 2 },
      ],
    });
    await expect(failing).rejects.toThrow('duplicate key');
    const reference = { kind: 'digest', digest: digestOf('{"v":1}') } as const;
    expect(await lookups.manifest({ repository, reference })).toBe('manifest-unknown');
  });
});
