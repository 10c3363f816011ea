import { isAllowed, parseScopes, type Identity, type Scope } from '@longshore/authorization';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantsFor } from './grants-for.ts';

const account: Identity = { subject: 'alice', kind: 'account', grants: 'all' };
const anonymous: Identity = { subject: '', kind: 'anonymous', grants: [] };
const reader: Identity = {
  subject: 'bob',
  kind: 'account',
  grants: [{ type: 'repository', name: 'a', actions: ['pull'] }],
};

describe('grantsFor', () => {
  it('gives an account of an htpasswd file what it asks for', () => {
    expect(
      grantsFor(account, parseScopes(['repository:a/b:pull,push', 'registry:catalog:*', 'repository:c:*'])),
    ).toEqual([
      { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
      { type: 'repository', name: 'c', actions: ['pull', 'push', 'delete'] },
    ]);
  });

  it('gives the part that there is a right to', () => {
    expect(
      grantsFor(
        reader,
        parseScopes(['repository:a:pull,push,delete', 'repository:b:pull', 'repository:a:*']),
      ),
    ).toEqual([{ type: 'repository', name: 'a', actions: ['pull'] }]);
    expect(grantsFor(anonymous, parseScopes(['repository:a:pull', 'registry:catalog:*']))).toEqual([]);
  });

  it('gives nothing for what there cannot be here', () => {
    expect(
      grantsFor(
        account,
        parseScopes([
          'plugin:a:pull',
          'registry:other:*',
          'registry:catalog:pull',
          'repository:localhost:5000/a:pull',
          'repository:a:fly',
        ]),
      ),
    ).toEqual([]);
  });

  it('never gives more than was asked for, or than the identity has', () => {
    const scope: fc.Arbitrary<Scope> = fc.record({
      type: fc.constantFrom('repository', 'registry'),
      name: fc.constantFrom('a', 'b', 'catalog'),
      actions: fc.uniqueArray(fc.constantFrom('pull', 'push', 'delete', '*')),
    });
    fc.assert(
      fc.property(fc.array(scope), fc.constantFrom(reader, anonymous, account), (scopes, identity) => {
        const excess = grantsFor(identity, scopes).flatMap(({ type, name, actions }) =>
          actions.filter((action) => {
            const asked = scopes.some(
              (each) =>
                each.type === type &&
                each.name === name &&
                (each.actions.includes(action) || each.actions.includes('*')),
            );
            return !asked || !isAllowed(identity, { type, name, action });
          }),
        );
        expect(excess).toEqual([]);
      }),
    );
  });
});
