import type { Action } from '@longshore/oci';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userNamed, anonymous, anyone, type Grant, type Identity } from '../identity.ts';
import type { Resource } from '../rights.ts';
import { type PolicyAction, roles } from './actions.ts';
import { Policy } from './policy.ts';
import { PolicyRights } from './policy-rights.ts';

const name = fc.constantFrom('a', 'a/b', 'ab', 'catalog');
const type = fc.constantFrom('repository' as const, 'registry' as const);
const grant: fc.Arbitrary<Grant> = fc.record({
  type,
  name,
  actions: fc.uniqueArray(fc.constantFrom('pull', 'push', 'delete', '*')),
});
const resource: fc.Arbitrary<Resource> = fc.record({ type, name });
const wanted = fc.uniqueArray(fc.constantFrom<Action>('pull', 'push', 'delete'));

const rights = new PolicyRights();
const client = { address: '198.51.100.7' };
const holding = (grants: readonly Grant[]): Identity => ({
  kind: 'user',
  subject: 'x',
  groups: [],
  claims: {},
  credential: { kind: 'token' },
  grants,
});
const granted = (identity: Identity, of: Resource, actions: readonly Action[]): readonly Action[] =>
  rights.decide({ identity, resource: of, actions, client }).granted;

describe('PolicyRights', () => {
  it('allows nothing that no grant of a token names', () => {
    const app = { type: 'repository', name: 'a' } as const;
    const some = holding([{ ...app, actions: ['pull', 'push'] }]);
    const every = holding([{ ...app, actions: ['*'] }]);
    expect(granted(some, app, ['pull', 'push', 'delete'])).toEqual(['pull', 'push']);
    expect(granted(every, app, ['delete'])).toEqual(['delete']);
    expect(granted(every, { ...app, name: 'a/b' }, ['pull'])).toEqual([]);
    expect(granted(every, { type: 'registry', name: 'a' }, ['*'])).toEqual([]);
    fc.assert(
      fc.property(resource, wanted, (of, actions) => {
        expect(granted(holding([]), of, actions)).toEqual([]);
        expect(granted(anonymous, of, actions)).toEqual([]);
      }),
    );
  });

  it('is never made smaller by one more grant, and grows by nothing but what that grant names', () => {
    fc.assert(
      fc.property(fc.array(grant), grant, resource, wanted, (grants, more, of, actions) => {
        const before = granted(holding(grants), of, actions);
        const by = granted(holding([more]), of, actions);
        const after = granted(holding([...grants, more]), of, actions);
        expect(after).toEqual(actions.filter((action) => before.includes(action) || by.includes(action)));
      }),
    );
  });

  it('without rules allows an account everything in repositories, and everybody in a registry without authentication, and nobody to manage it', () => {
    fc.assert(
      fc.property(resource, wanted, (of, actions) => {
        const allowed = of.type === 'repository' || of.name === 'catalog' ? actions : [];
        expect(granted(userNamed('ann'), of, actions)).toEqual(allowed);
        expect(granted(anyone, of, actions)).toEqual(allowed);
      }),
    );
  });

  it('gives the client a reason for what is not allowed', () => {
    const question = { resource: { type: 'repository', name: 'a' }, actions: ['pull'], client } as const;
    expect(rights.decide({ ...question, identity: anonymous }).reason).toBe('no credentials were sent');
    expect(rights.decide({ ...question, identity: holding([]) }).reason).toBe(
      'the credentials do not allow this',
    );
  });

  const rule = { effect: 'allow', subjects: ['accounts'], repositories: ['team/**'] } as const;
  const app = { type: 'repository', name: 'team/app' } as const;

  it('counts a changed rule at once, also for a token that was issued before', async () => {
    const changing = new PolicyRights(await Policy.compile([]));
    await changing.add([{ ...rule, name: 'a', actions: roles.writer }]);
    const identity = holding([{ ...app, actions: ['pull', 'push'] }]);
    const ask = () => changing.decide({ identity, resource: app, actions: ['pull', 'push'], client }).granted;
    expect(ask()).toEqual(['pull', 'push']);
    await changing.add([{ ...rule, name: 'a', actions: roles.reader }]);
    expect(ask()).toEqual(['pull']);
    await changing.add([]);
    expect(ask()).toEqual([]);
  });

  it('lets the scopes of an external token server decide, and rules only deny', async () => {
    const identity: Identity = {
      ...holding([{ ...app, actions: ['pull', 'push'] }]),
      credential: { kind: 'foreign-token' },
    };
    const question = { identity, resource: app, actions: ['pull', 'push'], client } as const;
    expect(new PolicyRights(await Policy.compile([])).decide(question).granted).toEqual(['pull', 'push']);
    const denying = await Policy.compile([{ ...rule, name: 'no', effect: 'deny', actions: ['push'] }]);
    expect(new PolicyRights(denying).decide(question).granted).toEqual(['pull']);
  });

  it('limits an access token to its actions and repositories, and never widens it', async () => {
    const identity: Identity = {
      ...userNamed('ann'),
      limits: [{ actions: ['pull', 'delete', 'admin'], repositories: ['team/*', 'other/**'] }],
    };
    const within = new PolicyRights(await Policy.compile([{ ...rule, name: 'a', actions: roles.writer }]));
    const ask = (of: string, kind: 'repository' | 'registry' = 'repository') =>
      within.decide({
        identity,
        resource: { type: kind, name: of },
        actions: ['pull', 'push', 'delete'],
        client,
      }).granted;
    expect(ask('team/app')).toEqual(['pull']);
    expect(ask('team/app/deep')).toEqual([]);
    expect(ask('other/app')).toEqual([]);
    expect(ask('admin', 'registry')).toEqual([]);
  });

  it('reads a scope to push as one to move tags, which only a rule keeps back', async () => {
    const identity = holding([{ ...app, actions: ['push'] }]);
    const ask = async (actions: readonly PolicyAction[]) =>
      new PolicyRights(await Policy.compile([{ ...rule, name: 'a', actions }])).decide({
        identity,
        resource: { ...app, tag: 'v1' },
        actions: ['overwrite'],
        client,
      }).granted;
    expect(await ask(roles.maintainer)).toEqual(['overwrite']);
    expect(await ask(roles.writer)).toEqual([]);
  });

  it('shows in a list what may be pulled and listed, whatever the scopes of the token', async () => {
    const seen = new PolicyRights(
      await Policy.compile([
        { ...rule, name: 'a', actions: roles.reader },
        { ...rule, name: 'no', effect: 'deny', actions: ['pull'], repositories: ['team/secret'] },
        { ...rule, name: 'blind', actions: ['list'], repositories: ['blind'] },
      ]),
    ).viewOf(holding([{ type: 'registry', name: 'catalog', actions: ['*'] }]), client);
    expect(['team/app', 'team/secret', 'blind', 'x'].filter(seen.shows)).toEqual(['team/app']);
    expect(seen.ranges).toEqual([
      { from: 'blind', to: 'blind!' },
      { from: 'team/', to: 'team/~' },
    ]);
  });
});
