import {
  userNamed,
  anonymous,
  type Identity,
  parseScopes,
  PolicyRights,
  type Scope,
} from '@longshore/authorization';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantsFor } from './grants-for.ts';

const client = { address: '198.51.100.7' };
const rights = new PolicyRights();
const account = userNamed('alice');
const reader: Identity = {
  ...account,
  grants: [{ type: 'repository', name: 'a', actions: ['pull'] }],
};
const grants = (identity: Identity, scopes: readonly Scope[]) =>
  grantsFor(rights, { identity, client }, scopes);

describe('grantsFor', () => {
  it('grants an account of an htpasswd file what it asks for', async () => {
    expect(
      await grants(
        account,
        parseScopes(['repository:a/b:pull,push', 'registry:catalog:*', 'repository:c:*']),
      ),
    ).toEqual([
      { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
      { type: 'repository', name: 'c', actions: expect.arrayContaining(['pull', 'push', 'delete']) },
    ]);
  });

  it('grants the part that the identity has a right to', async () => {
    expect(
      await grants(
        reader,
        parseScopes(['repository:a:pull,push,delete', 'repository:b:pull', 'repository:a:*']),
      ),
    ).toEqual([{ type: 'repository', name: 'a', actions: ['pull'] }]);
    expect(await grants(anonymous, parseScopes(['repository:a:pull', 'registry:catalog:*']))).toEqual([]);
  });

  it('grants nothing for scopes that cannot exist here', async () => {
    expect(
      await grants(
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

  it('never grants more than the request, or more than the identity has', async () => {
    const scope: fc.Arbitrary<Scope> = fc.record({
      type: fc.constantFrom('repository', 'registry'),
      name: fc.constantFrom('a', 'b', 'catalog'),
      actions: fc.uniqueArray(fc.constantFrom('pull', 'push', 'delete', '*')),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(scope),
        fc.constantFrom(reader, anonymous, account),
        async (scopes, identity) => {
          const given = await grants(identity, scopes);
          const excess = given.flatMap(({ type, name, actions }) =>
            actions.filter((action) => {
              const asked = scopes.some(
                (each) =>
                  each.type === type &&
                  each.name === name &&
                  (each.actions.includes(action) || each.actions.includes('*')),
              );
              const held = (identity.grants ?? []).some(
                (grant) => grant.name === name && grant.actions.includes(action),
              );
              return !asked || !(identity === account || held);
            }),
          );
          expect(excess).toEqual([]);
        },
      ),
    );
  });
});
