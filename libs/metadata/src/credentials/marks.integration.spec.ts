import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type Digest, parseRepositoryName, parseTag } from '@longshore/oci';
import { sql } from 'kysely';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteManifest } from '../manifests/delete-manifest.ts';
import { beginRefreshFamily, useRefreshToken } from '../refresh-families/refresh-families.ts';
import { collectRepositories, ensureRepository } from '../repositories/repositories.ts';
import { digestOf, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { transact } from '../transact.ts';
import {
  type CredentialMark,
  forgetEndedMarks,
  marksSince,
  recordFileAccounts,
  voidCredentials,
} from './marks.ts';
import { endFamiliesOf } from './marks.queries.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());
beforeEach(async () => {
  await db.deleteFrom('credential_marks').execute();
  await db.deleteFrom('file_accounts').execute();
});

const namesOf = (marks: readonly CredentialMark[]) => marks.map(({ kind, name }) => `${kind} ${name}`);
const all = async () => namesOf((await marksSince(db, { limit: 1000 })).marks);

const record = (accounts: Record<string, string>, changed: readonly string[] = []) =>
  recordFileAccounts(db, { accounts: new Map(Object.entries(accounts)), changed });
const keeps = async () =>
  Object.fromEntries((await marksSince(db, { limit: 10 })).marks.map((mark) => [mark.name, mark.keeps]));

describe('marksSince', () => {
  it('lists each mark once, and a renewed one again', async () => {
    await voidCredentials(db, { kind: 'user', name: 'ann' }, { kind: 'repository', name: 'a/b' });
    const first = await marksSince(db, { limit: 10 });
    expect(namesOf(first.marks).toSorted()).toEqual(['repository a/b', 'user ann']);
    const second = await marksSince(db, { since: first.version, limit: 10 });
    expect(second.marks).toEqual([]);
    await voidCredentials(db, { kind: 'user', name: 'ann' });
    const third = await marksSince(db, { since: second.version, limit: 10 });
    expect(namesOf(third.marks)).toEqual(['user ann']);
  });

  it('does not pass over a mark whose transaction commits after a later one', async () => {
    const written = new EventEmitter();
    const commit = once(written, 'commit');
    const slow = transact(db, async (tx) => {
      await voidCredentials(tx, { kind: 'user', name: 'slow' });
      written.emit('written');
      await commit;
    });
    await once(written, 'written');
    await voidCredentials(db, { kind: 'user', name: 'fast' });
    const before = await marksSince(db, { limit: 10 });
    expect(namesOf(before.marks)).toEqual(['user fast']);
    written.emit('commit');
    await slow;
    const after = await marksSince(db, { since: before.version, limit: 10 });
    expect(namesOf(after.marks)).toContain('user slow');
  });

  it('gives marks of one transaction in pages', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `user-${index}`);
    await voidCredentials(db, ...names.map((name) => ({ kind: 'user', name }) as const));
    const seen: string[] = [];
    let page = await marksSince(db, { limit: 10 });
    seen.push(...page.marks.map(({ name }) => name));
    while (page.next !== undefined) {
      page = await marksSince(db, { limit: 10, from: page.next });
      seen.push(...page.marks.map(({ name }) => name));
    }
    expect(seen.toSorted()).toEqual(names.toSorted());
  });

  it('lists all for a version of another database, which may be ahead', async () => {
    await voidCredentials(db, { kind: 'user', name: 'ann' });
    const { marks } = await marksSince(db, { since: '9223372036854775807', limit: 10 });
    expect(namesOf(marks)).toEqual(['user ann']);
  });

  it('lists no ended mark, and forgets it', async () => {
    await voidCredentials(db, { kind: 'user', name: 'ann' }, { kind: 'user', name: 'bob' });
    await db
      .updateTable('credential_marks')
      .set({ ends_at: new Date(0) })
      .where('name', '=', 'ann')
      .execute();
    expect(await all()).toEqual(['user bob']);
    await forgetEndedMarks(db);
    expect(await db.selectFrom('credential_marks').select('name').execute()).toEqual([{ name: 'bob' }]);
  });
});

describe('voidCredentials', () => {
  it('finds refresh tokens by their indexes', async () => {
    await sql`
      insert into refresh_families (id, subject, got_with, rotates, ends_at)
      select gen_random_uuid(), 'user-' || n, gen_random_uuid(), false, now() + interval '1 hour'
      from generate_series(1, 20000) n`.execute(db);
    await sql`analyze refresh_families`.execute(db);
    const id = randomUUID();
    const { rows } = await sql`explain ${endFamiliesOf(['user-7'], [id], [id])}`.execute(db);
    expect(JSON.stringify(rows)).not.toContain('Seq Scan');
    await db.deleteFrom('refresh_families').execute();
  });

  it('ends the refresh tokens of a credential whose id is no UUID', async () => {
    const [byPassword, byToken] = [randomUUID(), randomUUID()];
    const family = { subject: 'ann', rotates: false, lifetimeSeconds: 60 };
    await beginRefreshFamily(db, { ...family, id: byPassword });
    await beginRefreshFamily(db, { ...family, id: byToken, gotWith: 'jti-1' });
    await voidCredentials(db, { kind: 'credential', name: 'jti-1' });
    const use = (id: string) => useRefreshToken(db, { id, generation: 0, graceSeconds: 0 });
    expect([(await use(byPassword)).kind, (await use(byToken)).kind]).toEqual(['valid', 'ended']);
  });
});

describe('recordFileAccounts', () => {
  it('marks accounts whose password changed or that are gone, and no others', async () => {
    await record({ ann: '1', bob: '1', cy: '1' });
    expect(await keeps()).toEqual({});
    await record({ ann: '2', cy: '1', dee: '1' });
    expect(await keeps()).toEqual({ ann: '2', bob: '' });
    await record({ ann: '2', bob: '3', cy: '1', dee: '1' });
    expect(await keeps()).toEqual({ ann: '2', bob: '3' });
  });

  it('marks what the caller saw change, although another replica was first', async () => {
    await record({ ann: '2' });
    await record({ ann: '2' }, ['ann']);
    expect(await keeps()).toEqual({ ann: '2' });
  });

  it('is called by any number of replicas at the same time', async () => {
    await record({ ann: '1', bob: '1' });
    await Promise.all(Array.from({ length: 4 }, () => record({ ann: '2', bob: '2' })));
    expect(await keeps()).toEqual({ ann: '2', bob: '2' });
  });
});

describe('a repository that ends', () => {
  const repository = parseRepositoryName('team/app');
  const push = async (payload: string, tag: string): Promise<Digest> => {
    await pushManifest(db, repository, payload, { tags: [parseTag(tag)] });
    return digestOf(payload);
  };
  const remove = (digest: Digest) =>
    deleteManifest(db, { repository, digest, childOfIndex: 'refuse', grace: 60 });

  it('is marked with its last manifest, and not before', async () => {
    const first = await push('{"a":1}', 'one');
    const second = await push('{"a":2}', 'two');
    await remove(first);
    expect(await all()).toEqual([]);
    await remove(second);
    expect(await all()).toEqual(['repository team/app']);
  });

  it('is marked when the collector deletes its row', async () => {
    await ensureRepository(db, parseRepositoryName('abandoned'));
    await collectRepositories(db, { grace: -60, batch: 10 });
    expect(await all()).toContain('repository abandoned');
  });
});
