import type { Action } from '@longshore/oci';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userNamed, anonymous, anyone, type Grant, type Identity } from './identity.ts';
import { PlainRights, type Resource } from './rights.ts';

const name = fc.constantFrom('a', 'a/b', 'ab', 'catalog');
const type = fc.constantFrom('repository' as const, 'registry' as const);
const grant: fc.Arbitrary<Grant> = fc.record({
  type,
  name,
  actions: fc.uniqueArray(fc.constantFrom('pull', 'push', 'delete', '*')),
});
const resource: fc.Arbitrary<Resource> = fc.record({ type, name });
const wanted = fc.uniqueArray(fc.constantFrom<Action>('pull', 'push', 'delete'));

const rights = new PlainRights();
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

describe('PlainRights', () => {
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

  it('allows an account everything, and everybody in a registry without authentication', () => {
    fc.assert(
      fc.property(resource, wanted, (of, actions) => {
        expect(granted(userNamed('ann'), of, actions)).toEqual(actions);
        expect(granted(anyone, of, actions)).toEqual(actions);
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
});
