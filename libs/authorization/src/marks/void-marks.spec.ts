import { describe, expect, it } from 'vitest';
import type { Grant, Identity } from '../identity.ts';
import { type MarkedFacts, VoidMarks } from './void-marks.ts';

const facts = (more: Partial<MarkedFacts> = {}): MarkedFacts => ({
  kind: 'user',
  subject: 'ann',
  issuedAt: 1000,
  ids: ['token-1', 'pat-1'],
  password: 'old',
  kid: 'key-1',
  ...more,
});
const grants: readonly Grant[] = [
  { type: 'repository', name: 'a/one', actions: ['pull'] },
  { type: 'registry', name: 'a/one', actions: ['*'] },
  { type: 'repository', name: 'a/two', actions: ['pull'] },
];
const identity: Identity = {
  kind: 'user',
  subject: 'ann',
  groups: [],
  claims: {},
  credential: { kind: 'token' },
  grants,
};
const marksOf = (...marks: Parameters<VoidMarks['apply']>[0]): VoidMarks => {
  const made = new VoidMarks();
  made.apply(marks);
  return made;
};

describe('VoidMarks', () => {
  it.each([
    ['the user', { kind: 'user', name: 'ann', before: 1001 }, true],
    ['the user, before it was issued', { kind: 'user', name: 'ann', before: 1000 }, false],
    ['another user', { kind: 'user', name: 'bob', before: 2000 }, false],
    ['another password', { kind: 'password', name: 'ann', before: 1001, keeps: 'new' }, true],
    ['every password', { kind: 'password', name: 'ann', before: 1001, keeps: '' }, true],
    ['its password, which stays', { kind: 'password', name: 'ann', before: 2000, keeps: 'old' }, false],
    [
      'a password, while the mark was committed',
      { kind: 'password', name: 'ann', before: 990, keeps: 'new' },
      true,
    ],
    ['a password, long before', { kind: 'password', name: 'ann', before: -1001, keeps: 'new' }, false],
    ['its id', { kind: 'credential', name: 'token-1', before: 0 }, true],
    ['the credential that it was got with', { kind: 'credential', name: 'pat-1', before: 0 }, true],
    ['another id', { kind: 'credential', name: 'pat-2', before: 2000 }, false],
    ['its signing key', { kind: 'key', name: 'key-1', before: 0 }, true],
    ['another key', { kind: 'key', name: 'key-2', before: 2000 }, false],
  ] as const)('knows a mark on %s', (_, mark, expected) => {
    expect(marksOf(mark).voids(facts())).toBe(expected);
  });

  it.each(['user', 'robot'] as const)('tells accounts of one name apart: a %s', (kind) => {
    const marks = marksOf({ kind, name: 'ann', before: 1001 });
    const kinds = ['user', 'robot', 'workload', 'anonymous'] as const;
    const password = undefined;
    expect(kinds.filter((each) => marks.voids(facts({ kind: each, password })))).toEqual([kind]);
  });

  it('does not void what was got without a password when a password changes', () => {
    const marks = marksOf({ kind: 'password', name: 'ann', before: 2000, keeps: 'new' });
    expect(marks.voids(facts({ password: undefined }))).toBe(false);
  });

  it('takes a grant on a repository that ended from an older token, and leaves the rest', () => {
    const marks = marksOf({ kind: 'repository', name: 'a/one', before: 1001 });
    expect(marks.admitted(identity, facts())?.grants).toEqual(grants.slice(1));
    expect(marks.admitted(identity, facts({ issuedAt: 1001 }))).toBe(identity);
    const only = { ...identity, grants: grants.slice(0, 1) };
    expect(marks.admitted(only, facts())).toBeUndefined();
    expect(marks.admitted(only, facts({ issuedAt: Number.NEGATIVE_INFINITY }))).toBeUndefined();
  });

  it('returns the same object while nothing is marked, so that a request allocates nothing', () => {
    expect(new VoidMarks().admitted(identity, facts())).toBe(identity);
    const other = marksOf({ kind: 'repository', name: 'b', before: 2000 });
    expect(other.admitted(identity, facts())).toBe(identity);
  });

  it('remembers so many marks, and voids everything that is older than those it dropped', () => {
    const marks = new VoidMarks(2);
    marks.apply([
      { kind: 'user', name: 'a', before: 500 },
      { kind: 'user', name: 'b', before: 700 },
      { kind: 'user', name: 'c', before: 900 },
    ]);
    expect(marks.voids(facts({ issuedAt: 499 }))).toBe(true);
    expect(marks.voids(facts({ issuedAt: 501 }))).toBe(false);
    expect(marks.voids(facts({ subject: 'c', issuedAt: 899 }))).toBe(true);
  });
});
