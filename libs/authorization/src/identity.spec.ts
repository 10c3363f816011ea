import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAllowed, isAllowedAll, type Grant, type Identity } from './identity.ts';

const grant: fc.Arbitrary<Grant> = fc.record({
  type: fc.constantFrom('repository' as const, 'registry' as const),
  name: fc.constantFrom('a', 'a/b', 'ab', 'catalog'),
  actions: fc.uniqueArray(fc.constantFrom('pull', 'push', 'delete', '*')),
});
const access = fc.record({
  type: fc.constantFrom('repository' as const, 'registry' as const),
  name: fc.constantFrom('a', 'a/b', 'ab', 'catalog'),
  action: fc.constantFrom('pull', 'push', 'delete'),
});
const holding = (grants: Identity['grants']): Identity => ({ subject: 'x', kind: 'token', grants });

describe('isAllowed', () => {
  it('opens nothing that no grant names', () => {
    expect(
      isAllowed(holding([{ type: 'repository', name: 'a', actions: ['pull', 'push'] }]), {
        type: 'repository',
        name: 'a',
        action: 'delete',
      }),
    ).toBe(false);
    expect(
      isAllowed(holding([{ type: 'repository', name: 'a', actions: ['*'] }]), {
        type: 'repository',
        name: 'a/b',
        action: 'pull',
      }),
    ).toBe(false);
    expect(
      isAllowed(holding([{ type: 'repository', name: 'catalog', actions: ['*'] }]), {
        type: 'registry',
        name: 'catalog',
        action: '*',
      }),
    ).toBe(false);
    fc.assert(
      fc.property(access, (asked) => {
        expect(isAllowed(holding([]), asked)).toBe(false);
      }),
    );
  });

  it('is never made smaller by one more grant, and grows by nothing but what that grant names', () => {
    fc.assert(
      fc.property(fc.array(grant), grant, access, (grants, more, asked) => {
        const before = isAllowed(holding(grants), asked);
        const after = isAllowed(holding([...grants, more]), asked);
        expect(after).toBe(before || isAllowed(holding([more]), asked));
      }),
    );
  });

  it('opens everything to those who have all', () => {
    fc.assert(
      fc.property(access, (asked) => {
        expect(isAllowed(holding('all'), asked)).toBe(true);
      }),
    );
  });
});

describe('isAllowedAll', () => {
  it('wants every action of every scope', () => {
    const identity = holding([{ type: 'repository', name: 'a', actions: ['pull'] }]);
    expect(isAllowedAll(identity, [])).toBe(true);
    expect(isAllowedAll(identity, [{ type: 'repository', name: 'a', actions: ['pull'] }])).toBe(true);
    expect(isAllowedAll(identity, [{ type: 'repository', name: 'a', actions: ['pull', 'push'] }])).toBe(
      false,
    );
    expect(isAllowedAll(holding('all'), [{ type: 'plugin', name: 'a', actions: ['pull'] }])).toBe(false);
  });
});
