import { auditPage } from '@longshore/metadata';
import { routes } from '@longshore/oci';
import { eventually } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, ManagedRegistry, password } from './testing/managed-registry.ts';

let registry: ManagedRegistry;
const ask: ManagedRegistry['ask'] = (...parameters) => registry.ask(...parameters);
const ann = basic('ann');
beforeAll(async () => {
  registry = await ManagedRegistry.start();
}, 60_000);
afterAll(() => registry.close());

const versionStatus = async (authorization: string): Promise<number> =>
  (await fetch(`${registry.origin}${routes.base.template}`, { headers: { authorization } })).status;

const listStatus = async (): Promise<number> =>
  (await fetch(`${registry.origin}/v2/team/x/tags/list`, { headers: { authorization: ann } })).status;

async function lastEntry(): Promise<Awaited<ReturnType<typeof auditPage>>['items'][number] | undefined> {
  return (await auditPage(registry.database.db, { limit: 1 })).items[0];
}

describe('users', () => {
  it('are added, listed, changed and removed', async () => {
    const made = await ask('users', { method: 'POST', json: { name: 'bob', password } });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/v1/users/bob']);
    expect(made.body).toMatchObject({ name: 'bob', source: 'database', groups: [], disabled: false });
    expect((await ask('users')).body.items.map(({ name }: { name: string }) => name)).toEqual([
      'ann',
      'bob',
      'root',
    ]);
    expect(await versionStatus(basic('bob'))).toBe(200);
    const changed = await ask('users/bob', { method: 'PATCH', json: { password: 'another long one' } });
    expect(changed.status).toBe(200);
    await eventually(async () => expect(await versionStatus(basic('bob'))).toBe(401));
    expect(await versionStatus(basic('bob', 'another long one'))).toBe(200);
    const disabled = await ask('users/bob', { method: 'PATCH', json: { disabled: true } });
    expect(disabled.body.disabled).toBe(true);
    await eventually(async () => expect(await versionStatus(basic('bob', 'another long one'))).toBe(401));
    expect((await ask('users/bob', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('users/bob')).status).toBe(404);
    expect((await ask('users/bob', { method: 'DELETE' })).status).toBe(404);
  });

  it('have one name each', async () => {
    const twice = await ask('users', { method: 'POST', json: { name: 'ann' } });
    expect(twice).toMatchObject({
      status: 409,
      body: { type: 'urn:longshore:problem:conflict', detail: 'the name ann is taken' },
    });
  });

  it('have no secret in any answer or entry', async () => {
    await ask('users', { method: 'POST', json: { name: 'eve', password: 'canary canary' } });
    await ask('users/eve', { method: 'PATCH', json: { password: 'canary of another' } });
    const entry = await lastEntry();
    expect(entry).toMatchObject({ action: 'updateUser', after: { passwordChanged: true } });
    const { items } = await auditPage(registry.database.db, { limit: 100 });
    expect(JSON.stringify([items, (await ask('users')).body])).not.toMatch(/canary|\$2[aby]\$/);
  });
});

describe('pages', () => {
  it('are followed by the Link of each, to the end', async () => {
    for (const name of ['g1', 'g2', 'g3', 'g4', 'g5'])
      expect((await ask('groups', { method: 'POST', json: { name } })).status).toBe(201);
    const seen: string[] = [];
    let next: string | undefined = 'groups?limit=2';
    while (next !== undefined) {
      const { body, headers } = await ask(next);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map(({ name }: { name: string }) => name));
      next = /^<\/api\/v1\/(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual(['g1', 'g2', 'g3', 'g4', 'g5']);
    for (const name of seen) expect((await ask(`groups/${name}`, { method: 'DELETE' })).status).toBe(204);
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=x',
    'limit=1&limit=2',
    'cursor=x',
    'cursor=W10',
    `cursor=${Buffer.from('["\\u0000"]').toString('base64url')}`,
    'page=2',
  ])('refuse %s, naming the parameter', async (query) => {
    const { status, body } = await ask(`users?${query}`);
    expect([status, body.errors[0].parameter]).toEqual([400, query.split('=')[0]]);
  });
});

describe('groups and robots', () => {
  it('have members, until they leave', async () => {
    await ask('groups', { method: 'POST', json: { name: 'dev' } });
    expect((await ask('groups/dev/members/ann', { method: 'PUT' })).body.members).toEqual(['ann']);
    expect((await ask('groups/dev/members/nobody', { method: 'PUT' })).status).toBe(404);
    expect((await ask('users/ann')).body.groups).toEqual(['dev']);
    expect((await ask('groups/dev/members/ann', { method: 'DELETE' })).body.members).toEqual([]);
    expect((await ask('groups/dev', { method: 'DELETE' })).status).toBe(204);
  });

  it('get access tokens, whose secret is shown once', async () => {
    await ask('robots', { method: 'POST', json: { name: 'ci', description: 'builds' } });
    const made = await ask('access-tokens', {
      method: 'POST',
      json: {
        holder: { kind: 'robot', name: 'ci' },
        name: 'build',
        limits: [{ actions: ['pull', 'push'], repositories: ['team/**'] }],
      },
    });
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { secret, id } = made.body;
    expect(await versionStatus(basic('ci', secret))).toBe(200);
    const again = await ask(`access-tokens/${id}`);
    expect(again.body).toMatchObject({ holder: { kind: 'robot', name: 'ci' }, name: 'build' });
    expect(JSON.stringify([again.body, await lastEntry(), (await ask('access-tokens')).body])).not.toContain(
      secret,
    );
    expect((await ask('access-tokens?holder=robot:ci')).body.items).toHaveLength(1);
    expect((await ask('access-tokens?holder=user:ann')).body.items).toHaveLength(0);
    expect((await ask(`access-tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    await eventually(async () => expect(await versionStatus(basic('ci', secret))).toBe(401));
    expect((await ask('robots/ci', { method: 'PATCH', json: { disabled: true } })).body.disabled).toBe(true);
    const refused = { holder: { kind: 'robot', name: 'ci' }, name: 'x' };
    expect((await ask('access-tokens', { method: 'POST', json: refused })).status).toBe(409);
    expect((await ask('robots/ci', { method: 'DELETE' })).status).toBe(204);
    const unknown = { holder: { kind: 'robot', name: 'ci' }, name: 'x' };
    expect((await ask('access-tokens', { method: 'POST', json: unknown })).body.errors).toMatchObject([
      { pointer: '/holder/name' },
    ]);
  });
});

describe('rules', () => {
  const rule = { name: 'team/a b', effect: 'allow', subjects: ['user:ann'], actions: ['pull'] };

  it('are added, replaced and removed, and say what is wrong with them', async () => {
    const made = await ask('rules', { method: 'POST', json: { ...rule, repositories: ['team/**'] } });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/v1/rules/team%2Fa%20b']);
    expect(made.body).toMatchObject({ ...rule, createdBy: 'root' });
    const { name: _, ...content } = { ...rule, repositories: ['other/**'], when: 'client.address != ""' };
    const replaced = await ask('rules/team%2Fa%20b', { method: 'PUT', json: content });
    expect(replaced.body).toMatchObject({ repositories: ['other/**'] });
    expect(await lastEntry()).toMatchObject({
      action: 'replaceRule',
      before: { repositories: ['team/**'] },
      after: { repositories: ['other/**'] },
    });
    const wrong = await ask('rules/team%2Fa%20b', {
      method: 'PUT',
      json: { ...content, when: 'client. ==' },
    });
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/when']);
    const pattern = { ...rule, name: 'x', repositories: ['../x'] };
    expect((await ask('rules', { method: 'POST', json: pattern })).body.errors[0].pointer).toBe(
      '/repositories',
    );
    expect((await ask('rules/team%2Fa%20b', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('rules/team%2Fa%20b')).status).toBe(404);
  });

  it('count at the doors', async () => {
    expect(await listStatus()).toBe(404);
    const denying = { name: 'no ann', effect: 'deny', subjects: ['user:ann'], actions: ['pull'] };
    await ask('rules', { method: 'POST', json: { ...denying, repositories: ['team/**'] } });
    await eventually(async () => expect(await listStatus()).toBe(401));
    await ask('rules/no%20ann', { method: 'DELETE' });
    await eventually(async () => expect(await listStatus()).toBe(404));
  });
});

describe('an administrator', () => {
  it.each([
    ['disable itself', 'users/root', 'PATCH', { disabled: true }],
    ['remove itself', 'users/root', 'DELETE', undefined],
    ['remove its rule', 'rules/administrator%20root', 'DELETE', undefined],
    [
      'deny itself what it does',
      'rules',
      'POST',
      { name: 'no', effect: 'deny', subjects: ['everybody'], actions: ['admin'], repositories: ['**'] },
    ],
  ])('cannot %s: nobody would be left', async (_, path, method, json) => {
    const { status, body } = await ask(path, { method, json });
    expect([status, body.type]).toEqual([409, 'urn:longshore:problem:conflict']);
    expect((await ask('me')).body).toMatchObject({ name: 'root', administrator: true });
  });

  it('can make another one, who can remove the first', async () => {
    await ask('groups', { method: 'POST', json: { name: 'admins' } });
    await ask('groups/admins/members/ann', { method: 'PUT' });
    const rule = { name: 'admins', effect: 'allow', subjects: ['group:admins'], actions: ['admin'] };
    await ask('rules', { method: 'POST', json: { ...rule, repositories: ['**'] } });
    await eventually(async () => expect((await ask('users', { as: ann })).status).toBe(200));
    expect((await ask('groups/admins/members/ann', { method: 'DELETE', as: ann })).status).toBe(409);
    expect((await ask('groups/admins', { method: 'DELETE', as: ann })).status).toBe(409);
    expect((await ask('groups/admins', { method: 'DELETE' })).status).toBe(204);
    await eventually(async () => expect((await ask('users', { as: ann })).status).toBe(401));
    expect((await ask('rules/admins', { method: 'DELETE' })).status).toBe(204);
  });
});

describe('the audit log', () => {
  it('has one entry for each change: who, by which credential, what, before and after', async () => {
    const since = new Date().toISOString();
    const made = await ask('robots', { method: 'POST', json: { name: 'audited' } });
    await ask('robots/audited', { method: 'PATCH', json: { disabled: true } });
    await ask('robots/audited', { method: 'DELETE' });
    await ask('robots/audited', { method: 'DELETE' });
    await eventually(async () => {
      const { body } = await ask(`audit-entries?since=${since}`);
      const entries = body.items.toReversed();
      expect(entries).toMatchObject([
        { action: 'createRobot', outcome: 'done', actor: 'root', after: { name: 'audited' } },
        { action: 'updateRobot', before: { disabled: false }, after: { disabled: true } },
        { action: 'deleteRobot', before: { name: 'audited' } },
        { action: '/api/v1/robots/:robot', outcome: 'failed', status: 404 },
      ]);
      expect(entries[0]).toMatchObject({ actorKind: 'user', credentialKind: 'password' });
      expect(entries[0].requestId).toBe(made.headers.get('x-request-id'));
    });
  });

  it('has an entry for a client that is denied, and is read in pages', async () => {
    await ask('users', { as: ann });
    await eventually(async () => {
      const { body } = await ask('audit-entries?actor=ann&limit=1');
      expect(body.items).toMatchObject([{ action: '/api/v1/users', outcome: 'denied', status: 401 }]);
    });
    const first = await ask('audit-entries?limit=3');
    const link = /^<\/api\/v1\/(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1];
    const second = await ask(link ?? '');
    const ids = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(6);
  });
});

describe('signing keys', () => {
  it('are listed, rotated and revoked', async () => {
    const { body } = await ask('signing-keys');
    expect(body.items).toMatchObject([{ state: 'signs', algorithm: 'ES256' }]);
    const [{ id }] = body.items;
    const rotated = await ask('signing-keys/rotation', { method: 'POST', json: { now: true } });
    expect([rotated.status, rotated.body]).toEqual([202, { replaces: [id] }]);
    await eventually(async () => expect((await ask('signing-keys')).body.items).toHaveLength(2));
    expect((await ask(`signing-keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`signing-keys/${id}`)).status).toBe(404);
    expect(JSON.stringify((await ask('signing-keys')).body)).not.toContain('"d"');
  });
});
