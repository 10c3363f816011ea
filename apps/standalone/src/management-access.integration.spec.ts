import { addAccessToken, addUser, changePassword, passwordHash, transact } from '@longshore/metadata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, ManagedRegistry, password } from './testing/managed-registry.ts';

let registry: ManagedRegistry;
const ask: ManagedRegistry['ask'] = (...parameters) => registry.ask(...parameters);
const ann = basic('ann');
beforeAll(async () => {
  registry = await ManagedRegistry.start();
}, 60_000);
afterAll(() => registry.close());

async function tokenOf(scope: string, authorization = basic('root')): Promise<string> {
  const answer = await fetch(`${registry.origin}/auth/token?service=longshore&scope=${scope}`, {
    headers: { authorization },
  });
  const { token }: { token: string } = JSON.parse(await answer.text());
  return `Bearer ${token}`;
}

const tokenWith = (limits: Parameters<typeof addAccessToken>[1]['limits'], expiresAt?: Date) =>
  transact(registry.database.db, (tx) =>
    addAccessToken(tx, { holder: { user: 'root' }, name: 't', limits, expiresAt }),
  );

describe('the guard', () => {
  it('asks for credentials, in a problem document with the challenge of the door', async () => {
    const { status, headers, body } = await ask('users', { as: '' });
    expect([status, body.type]).toEqual([401, 'urn:longshore:problem:unauthenticated']);
    expect(headers.get('www-authenticate')).toContain('scope="registry:management:*"');
  });

  it.each([
    ['a wrong password', () => basic('root', 'wrong')],
    ['an unknown scheme', () => 'Digest x'],
    ['a user who is no administrator', () => ann],
    ['a token without scope', () => tokenOf('repository:a:pull')],
    ['a token of a user who is no administrator', () => tokenOf('registry:management:*', ann)],
    [
      'an access token that is limited to pull',
      async () => `Bearer ${(await tokenWith([{ actions: ['pull'], repositories: ['**'] }])).secret}`,
    ],
    [
      'an access token that is limited to some repositories',
      async () => `Bearer ${(await tokenWith([{ actions: ['admin'], repositories: ['team/**'] }])).secret}`,
    ],
  ])('refuses %s', async (_, credentials) => {
    const { status } = await ask('users', { as: await credentials() });
    expect(status).toBe(401);
  });

  it.each([
    ['a password', () => basic('root')],
    ['a token with the scope', () => tokenOf('registry:management:*')],
    ['an access token', async () => `Bearer ${(await tokenWith(undefined)).secret}`],
    [
      'an access token that is limited to administration',
      async () => `Bearer ${(await tokenWith([{ actions: ['admin'], repositories: ['**'] }])).secret}`,
    ],
  ])('admits %s', async (_, credentials) => {
    expect((await ask('users', { as: await credentials() })).status).toBe(200);
  });

  it('takes no cookie, and no body that a page of another site could send unasked', async () => {
    expect((await ask('me', { as: '', headers: { cookie: '__Host-longshore=x' } })).status).toBe(401);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      for (const text of ['{"name":"x"}', ''])
        expect((await ask('users', { method: 'POST', text, headers: { 'content-type': type } })).status).toBe(
          415,
        );
    const preflight = await ask('users', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([405, null]);
  });
});

describe('bad input', () => {
  it.each([
    ['{', 400],
    ['', 400],
    ['{"name":"a\\u0000b"}', 400],
    ['{"name":"\\ud800"}', 400],
    ['[]', 422],
    ['{}', 422],
    ['{"name":"Bob"}', 422],
    ['{"name":"bob","admin":true}', 422],
    ['{"name":"bob","__proto__":{}}', 422],
    ['{"name":"bob","password":"short"}', 422],
    [`{"name":"bob","password":"${'ä'.repeat(60)}"}`, 422],
    [JSON.stringify({ name: 'x'.repeat(70_000) }), 413],
    ['['.repeat(60_000), 400],
  ])('%# is refused', async (text, status) => {
    const answer = await ask('users', {
      method: 'POST',
      text,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(status);
    expect((answer.body.errors ?? []).length > 0).toBe(status === 422);
  });

  it('names the members that are wrong by pointers', async () => {
    const json = { holder: { kind: 'group' }, name: '', 'a/b~c': 1 };
    const { body } = await ask('access-tokens', { method: 'POST', json });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      '/a~1b~0c',
      '/holder/kind',
      '/holder/name',
      '/name',
    ]);
  });

  it.each(['nothing', 'users/a/b', 'users/%00', 'users/Ann', 'access-tokens/1', 'users/'])(
    'answers %s with 404',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it('reaches what has the longest name', async () => {
    const name = 'n'.repeat(128);
    expect((await ask('users', { method: 'POST', json: { name } })).status).toBe(201);
    expect((await ask(`users/${name}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`users/${name}n`)).status).toBe(404);
    const rule = { name: '€'.repeat(128), effect: 'deny', subjects: ['user:x'], actions: ['pull'] };
    const made = await ask('rules', { method: 'POST', json: { ...rule, repositories: ['x'] } });
    const path = made.headers.get('location')?.replace('/api/v1/', '') ?? '';
    expect((await ask(path)).body.name).toBe(rule.name);
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`users/${'n'.repeat(5000)}`)).status).toBe(414);
  });

  it('names the methods of a path', async () => {
    const { status, headers } = await ask('users', { method: 'DELETE' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
  });
});

describe('a person', () => {
  it('makes, sees and revokes own access tokens, and nobody else’s', async () => {
    const made = await ask('me/access-tokens', { method: 'POST', json: { name: 'laptop' }, as: ann });
    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `/api/v1/me/access-tokens/${made.body.id}`,
    ]);
    expect((await ask('me', { as: `Bearer ${made.body.secret}` })).body).toMatchObject({
      name: 'ann',
      administrator: false,
    });
    const { body } = await ask('me/access-tokens', { as: ann });
    expect(body.items).toMatchObject([{ name: 'laptop', holder: { kind: 'user', name: 'ann' } }]);
    const path = `me/access-tokens/${made.body.id}`;
    expect((await ask(path)).status).toBe(404);
    expect((await ask(path, { method: 'DELETE' })).status).toBe(404);
    expect((await ask(path, { method: 'DELETE', as: ann })).status).toBe(204);
    expect((await ask('me/sessions', { as: ann })).body.items).toEqual([]);
  });

  it('cannot make more of a limited credential', async () => {
    const limited = await tokenWith([{ actions: ['pull'], repositories: ['a'] }]);
    const as = `Bearer ${limited.secret}`;
    expect((await ask('me/access-tokens', { method: 'POST', json: { name: 'more' }, as })).status).toBe(403);
    const scoped = await tokenOf('repository:a:pull');
    expect((await ask('me/access-tokens', { as: scoped })).status).toBe(403);
  });

  it('cannot renew an access token by itself', async () => {
    const end = new Date(Date.now() + 60_000);
    const as = `Bearer ${(await tokenWith(undefined, end)).secret}`;
    const later = new Date(end.getTime() + 1000).toISOString();
    for (const json of [{ name: 'x' }, { name: 'x', expiresAt: later }])
      expect((await ask('me/access-tokens', { method: 'POST', json, as })).body.errors).toMatchObject([
        { pointer: '/expiresAt' },
      ]);
    const json = { name: 'x', expiresAt: end.toISOString() };
    expect((await ask('me/access-tokens', { method: 'POST', json, as })).status).toBe(201);
  });
});

describe('two administrators', () => {
  it('cannot remove each other at the same time', async () => {
    const { db } = registry.database;
    const hash = await passwordHash(password);
    await transact(db, async (tx) => {
      await addUser(tx, { name: 'second' });
      return changePassword(tx, 'second', { hash });
    });
    const rule = { name: 'second', effect: 'allow', subjects: ['user:second'], actions: ['admin'] };
    await ask('rules', { method: 'POST', json: { ...rule, repositories: ['**'] } });
    const second = basic('second');
    await expect.poll(async () => (await ask('users', { as: second })).status).toBe(200);
    const outcomes = await Promise.all([
      ask('users/second', { method: 'DELETE' }),
      ask('users/root', { method: 'DELETE', as: second }),
    ]);
    expect(outcomes.filter(({ status }) => status === 204)).toHaveLength(1);
    const left = await Promise.all([undefined, second].map((as) => ask('me', { as })));
    expect(left.filter(({ body }) => body.administrator === true).length).toBeGreaterThan(0);
  });
});

it('a registry without accounts is not managed', async () => {
  const open = await ManagedRegistry.start({ auth: undefined });
  try {
    expect((await open.ask('users', { as: '' })).status).toBe(403);
    expect((await open.ask('me/access-tokens', { as: '' })).status).toBe(403);
    expect((await fetch(`${open.origin}/v2/_catalog`)).status).toBe(200);
  } finally {
    await open.close();
  }
});

it('the document is served to everybody, as it is checked in', async () => {
  const answer = await fetch(`${registry.origin}/api/v1/openapi.json`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(await answer.json()).toEqual(
    (await import('../../../docs/reference/openapi.json', { with: { type: 'json' } })).default,
  );
});
