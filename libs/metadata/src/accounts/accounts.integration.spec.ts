import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { marksSince } from '../credentials/marks.ts';
import { beginRefreshFamily, useRefreshToken } from '../refresh-families/refresh-families.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { transact, type Tx } from '../transact.ts';
import {
  accessToken,
  accessTokensPage,
  addAccessToken,
  type NewToken,
  recordTokenUses,
  removeAccessToken,
  tokenLogin,
} from './access-tokens.ts';
import { addFirstAdministrator } from './first-administrator.ts';
import { addGroup, addMember, groupByName, groupsPage, removeGroup, removeMember } from './groups.ts';
import { addRobot, removeRobot, robotByName, robotsPage, setRobotDisabled } from './robots.ts';
import {
  addUser,
  changePassword,
  rememberExternalUser,
  removeUser,
  setUserDisabled,
  spendOncePassword,
  userCredentials,
  userByName,
  usersPage,
} from './users.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());
beforeEach(async () => {
  for (const table of ['users', 'groups', 'robots'] as const) await db.deleteFrom(table).execute();
  await sql`delete from access_rules`.execute(db);
});

const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => transact<T>(db, work);
const user = (name: string, passwordHash?: string) => within((tx) => addUser(tx, { name, passwordHash }));
const robot = (name: string) => within((tx) => addRobot(tx, { name }));
const token = (input: NewToken) => within((tx) => addAccessToken(tx, input));

describe('users', () => {
  it('are added, changed and removed; each operation tells the state before and after, without the hash', async () => {
    const added = await user('ann', '$2b$04$first');
    expect(added).toMatchObject({
      before: undefined,
      after: { name: 'ann', source: 'database', disabled: false },
    });
    const changed = await within((tx) => changePassword(tx, 'ann', { hash: '$2b$04$second' }));
    const disabled = await within((tx) => setUserDisabled(tx, 'ann', true));
    expect(disabled).toMatchObject({ before: { disabled: false }, after: { disabled: true } });
    expect(await userCredentials(db, 'ann')).toMatchObject({ passwordHash: '$2b$04$second', disabled: true });
    const removed = await within((tx) => removeUser(tx, 'ann'));
    expect(removed).toMatchObject({ before: { name: 'ann' }, after: undefined });
    expect(await userByName(db, 'ann')).toBeUndefined();
    expect(JSON.stringify([added, changed, disabled, removed])).not.toContain('$2b$');
  });

  it('have one name each, of a checked form', async () => {
    await user('ann');
    await expect(user('ann')).rejects.toMatchObject({ kind: 'taken' });
    await expect(user('Ann')).rejects.toMatchObject({ kind: 'invalid' });
    await expect(within((tx) => setUserDisabled(tx, 'bob', true))).rejects.toMatchObject({ kind: 'absent' });
    await expect(within((tx) => changePassword(tx, 'bob', { hash: '' }))).rejects.toMatchObject({
      kind: 'absent',
    });
    await expect(within((tx) => removeUser(tx, 'bob'))).rejects.toMatchObject({ kind: 'absent' });
  });

  it('are listed in pages', async () => {
    for (const name of ['c', 'a', 'b']) await user(name);
    const first = await usersPage(db, { limit: 2 });
    expect(first).toMatchObject({ items: [{ name: 'a' }, { name: 'b' }], more: true });
    expect(await usersPage(db, { after: 'b', limit: 2 })).toMatchObject({
      items: [{ name: 'c' }],
      more: false,
    });
  });

  it('of another source keep their row under a new name, lose groups there, and take no name of another user', async () => {
    const ann = { source: 'ldap', externalId: 'uuid-1', name: 'ann' };
    await user('bob');
    await rememberExternalUser(db, { ...ann, groups: ['ops', 'dev'] });
    await within((tx) => addGroup(tx, 'local'));
    await within((tx) => addMember(tx, { group: 'local', user: 'ann' }));
    expect((await userByName(db, 'ann'))?.groups).toEqual(['dev', 'local', 'ops']);
    const first = await rememberExternalUser(db, { ...ann, groups: ['dev'] });
    expect(first.groups).toEqual(['dev', 'local']);
    const renamed = await rememberExternalUser(db, { ...ann, name: 'anna', groups: [] });
    expect(renamed).toMatchObject({ id: first.id, name: 'anna', groups: ['local'], source: 'ldap' });
    await expect(rememberExternalUser(db, { ...ann, name: 'bob', groups: [] })).rejects.toMatchObject({
      kind: 'taken',
    });
    await expect(
      rememberExternalUser(db, { source: 'ldap', externalId: 'uuid-2', name: 'anna', groups: [] }),
    ).rejects.toMatchObject({ kind: 'taken' });
    await expect(
      rememberExternalUser(db, { source: 'google', externalId: 'uuid-1', name: 'anna', groups: [] }),
    ).rejects.toMatchObject({ kind: 'taken' });
    await expect(within((tx) => changePassword(tx, 'anna', { hash: 'x' }))).rejects.toMatchObject({
      kind: 'refused',
    });
  });

  it('of another source are made once by concurrent logins', async () => {
    const login = { source: 'ldap', externalId: 'uuid-1', name: 'ann', groups: ['dev'] };
    const ids = await Promise.all(Array.from({ length: 8 }, () => rememberExternalUser(db, login)));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
  });
});

const rules = async () =>
  (await sql<{ subjects: string[] }>`select subjects from access_rules order by id`.execute(db)).rows.map(
    ({ subjects }) => subjects,
  );

describe('a removed account', () => {
  it('leaves the rules, so that a later one of the same name does not get its rights', async () => {
    await user('ann');
    await robot('ann');
    for (const subjects of ['{user:ann}', '{user:ann,user:bob}', '{robot:ann}', '{group:ann}'])
      await sql`insert into access_rules (name, effect, subjects, actions, repositories, created_by)
        values (${subjects}, 'allow', ${subjects}::text[], '{pull}', '{**}', 'test')`.execute(db);
    await within((tx) => removeUser(tx, 'ann'));
    expect(await rules()).toEqual([['user:bob'], ['robot:ann'], ['group:ann']]);
    await within((tx) => removeRobot(tx, 'ann'));
    expect(await rules()).toEqual([['user:bob'], ['group:ann']]);
  });
});

describe('the first administrator', () => {
  it('is made once, by the first of concurrent calls', async () => {
    const made = await Promise.allSettled(
      ['a', 'b', 'c'].map((name) =>
        within((tx) => addFirstAdministrator(tx, { name, passwordHash: '$2b$' })),
      ),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { items } = await usersPage(db, { limit: 10 });
    expect(await rules()).toEqual([[`user:${items.map(({ name }) => name).join(' ')}`]]);
  });

  it('has a password that expires an hour after its first use, and then can be replaced', async () => {
    await within((tx) => addFirstAdministrator(tx, { name: 'root', passwordHash: '$2b$once' }));
    const before = await userCredentials(db, 'root');
    expect(before).toMatchObject({ passwordHash: '$2b$once', passwordOnce: true });
    if (before === undefined) throw new Error('no user');
    expect(await spendOncePassword(db, before)).toBe(true);
    expect(await spendOncePassword(db, before)).toBe(false);
    const until = async () =>
      (
        await db.selectFrom('users').select('password_until').executeTakeFirstOrThrow()
      ).password_until?.getTime() ?? 0;
    expect(Math.abs((await until()) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    await db
      .updateTable('users')
      .set({ password_until: new Date(Date.now() - 1) })
      .execute();
    expect((await userCredentials(db, 'root'))?.passwordHash).toBeUndefined();
    await expect(
      within((tx) => addFirstAdministrator(tx, { name: 'root', passwordHash: '$2b$once' })),
    ).rejects.toMatchObject({ kind: 'refused' });
    await within((tx) => changePassword(tx, 'root', { hash: '$2b$own' }));
    expect(await userCredentials(db, 'root')).toMatchObject({ passwordHash: '$2b$own', passwordOnce: false });
  });
});

describe('groups', () => {
  it('have members, and go without them', async () => {
    await user('ann');
    await within((tx) => addGroup(tx, 'dev'));
    const joined = await within((tx) => addMember(tx, { group: 'dev', user: 'ann' }));
    expect(joined).toMatchObject({ before: { members: [] }, after: { members: ['ann'] } });
    await within((tx) => addMember(tx, { group: 'dev', user: 'ann' }));
    expect(await groupsPage(db, { limit: 1 })).toMatchObject({
      items: [{ name: 'dev', members: ['ann'] }],
      more: false,
    });
    await within((tx) => removeMember(tx, { group: 'dev', user: 'ann' }));
    expect((await userByName(db, 'ann'))?.groups).toEqual([]);
    await within((tx) => addMember(tx, { group: 'dev', user: 'ann' }));
    await within((tx) => removeGroup(tx, 'dev'));
    expect(await groupByName(db, 'dev')).toBeUndefined();
    expect((await userByName(db, 'ann'))?.groups).toEqual([]);
  });

  it('refuse names that exist, that have another form, and members that do not exist', async () => {
    await within((tx) => addGroup(tx, 'dev'));
    await expect(within((tx) => addGroup(tx, 'dev'))).rejects.toMatchObject({ kind: 'taken' });
    await expect(within((tx) => addGroup(tx, 'a b'))).rejects.toMatchObject({ kind: 'invalid' });
    for (const operation of [addMember, removeMember])
      for (const membership of [
        { group: 'dev', user: 'bob' },
        { group: 'ops', user: 'ann' },
      ])
        await expect(within((tx) => operation(tx, membership))).rejects.toMatchObject({ kind: 'absent' });
    await expect(within((tx) => removeGroup(tx, 'ops'))).rejects.toMatchObject({ kind: 'absent' });
  });
});

describe('access tokens', () => {
  it('identify their user with its groups of now, or their robot', async () => {
    await user('ann');
    await robot('ci');
    await within((tx) => addGroup(tx, 'dev'));
    const limits = [{ actions: ['pull'], repositories: ['team/**'] }];
    const anns = await token({ holder: { user: 'ann' }, name: 'laptop', limits });
    const cis = await token({ holder: { robot: 'ci' }, name: 'build' });
    expect(anns.secret.slice(0, 4) + cis.secret.slice(0, 4)).toBe('lsp_lsb_');
    expect(await tokenLogin(db, anns.secret)).toMatchObject({ holder: { user: 'ann' }, groups: [], limits });
    await within((tx) => addMember(tx, { group: 'dev', user: 'ann' }));
    expect(await tokenLogin(db, anns.secret)).toMatchObject({ id: anns.after?.id, groups: ['dev'] });
    expect(await tokenLogin(db, cis.secret)).toMatchObject({ holder: { robot: 'ci' }, groups: [] });
    const stored = await db.selectFrom('access_tokens').selectAll().execute();
    for (const { secret } of [anns, cis]) expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('end with their time, their removal, and their owner, disabled or removed', async () => {
    await user('ann');
    await robot('ci');
    const live = await token({ holder: { user: 'ann' }, name: 'live' });
    const robots = await token({ holder: { robot: 'ci' }, name: 'build' });
    const short = await token({
      holder: { user: 'ann' },
      name: 'short',
      expiresAt: new Date(Date.now() + 60_000),
    });
    expect(await tokenLogin(db, short.secret)).toBeDefined();
    await db
      .updateTable('access_tokens')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('name', '=', 'short')
      .execute();
    expect(await tokenLogin(db, short.secret)).toBeUndefined();
    await within((tx) => setUserDisabled(tx, 'ann', true));
    await within((tx) => setRobotDisabled(tx, 'ci', true));
    expect(await tokenLogin(db, live.secret)).toBeUndefined();
    expect(await tokenLogin(db, robots.secret)).toBeUndefined();
    await within((tx) => setUserDisabled(tx, 'ann', false));
    await within((tx) => setRobotDisabled(tx, 'ci', false));
    expect(await tokenLogin(db, live.secret)).toBeDefined();
    expect(await tokenLogin(db, robots.secret)).toBeDefined();
    const { id } = live.after ?? { id: '' };
    const removed = await within((tx) => removeAccessToken(tx, id));
    expect(removed).toMatchObject({ before: { name: 'live', holder: { user: 'ann' } }, after: undefined });
    expect(await tokenLogin(db, live.secret)).toBeUndefined();
    await within((tx) => removeRobot(tx, 'ci'));
    expect(await tokenLogin(db, robots.secret)).toBeUndefined();
  });

  it('are listed by their owner, with the time of their last use', async () => {
    await user('ann');
    await robot('ann');
    const mine = await token({ holder: { user: 'ann' }, name: 'mine' });
    await token({ holder: { robot: 'ann' }, name: 'robots' });
    const id = mine.after?.id ?? '';
    const at = new Date('2026-01-02T03:04:05Z');
    await recordTokenUses(
      db,
      new Map([
        [id, at],
        ['00000000-0000-4000-8000-000000000000', at],
      ]),
    );
    await recordTokenUses(db, new Map([[id, new Date(0)]]));
    await recordTokenUses(db, new Map());
    const names = async (holder?: NewToken['holder']) =>
      (await accessTokensPage(db, { holder, limit: 10 })).items.map(({ name }) => name).toSorted();
    expect(await names()).toEqual(['mine', 'robots']);
    expect(await names({ user: 'ann' })).toEqual(['mine']);
    expect(await names({ robot: 'ann' })).toEqual(['robots']);
    expect(await accessToken(db, id)).toMatchObject({ lastUsedAt: at });
    const page = await accessTokensPage(db, { limit: 1 });
    expect(page.more).toBe(true);
    expect((await accessTokensPage(db, { after: page.items[0]?.id, limit: 1 })).more).toBe(false);
  });

  it('are refused with a wrong name, limit, time or owner', async () => {
    await user('ann');
    const holder = { user: 'ann' } as const;
    for (const input of [
      { holder, name: '' },
      { holder, name: 'a\u001b[31m' },
      { holder, name: 'x', limits: [] },
      { holder, name: 'x', expiresAt: new Date(0) },
      { holder, name: 'x', expiresAt: new Date(Number.NaN) },
    ])
      await expect(token(input)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(token({ holder: { user: 'bob' }, name: 'x' })).rejects.toMatchObject({ kind: 'absent' });
    await expect(token({ holder: { robot: 'ann' }, name: 'x' })).rejects.toMatchObject({ kind: 'absent' });
    await within((tx) => setUserDisabled(tx, 'ann', true));
    await expect(token({ holder, name: 'x' })).rejects.toMatchObject({ kind: 'refused' });
    for (const id of ['x', '00000000-0000-4000-8000-000000000000'])
      await expect(within((tx) => removeAccessToken(tx, id))).rejects.toMatchObject({ kind: 'absent' });
    await expect(accessTokensPage(db, { after: 'x', limit: 1 })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('of a user stay, and refresh tokens, when a robot of the same name is disabled or removed', async () => {
    await db.deleteFrom('credential_marks').execute();
    const family = randomUUID();
    await beginRefreshFamily(db, { id: family, subject: 'ann', rotates: false, lifetimeSeconds: 60 });
    await robot('ann');
    await within((tx) => setRobotDisabled(tx, 'ann', true));
    await within((tx) => removeRobot(tx, 'ann'));
    const { marks } = await marksSince(db, { limit: 10 });
    expect(marks.map(({ kind, name }) => [kind, name])).toEqual([['robot', 'ann']]);
    const use = await useRefreshToken(db, { id: family, generation: 0, graceSeconds: 0 });
    expect(use.kind).toBe('valid');
  });

  it('of robots keep to the robot’s name and form', async () => {
    await robot('ci');
    await expect(robot('ci')).rejects.toMatchObject({ kind: 'taken' });
    await expect(robot('robot$ci')).rejects.toMatchObject({ kind: 'invalid' });
    expect(await robotsPage(db, { limit: 1 })).toMatchObject({ items: [{ name: 'ci' }], more: false });
    expect(await robotByName(db, 'no')).toBeUndefined();
    await expect(within((tx) => removeRobot(tx, 'no'))).rejects.toMatchObject({ kind: 'absent' });
  });
});
