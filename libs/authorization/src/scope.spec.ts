import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatScope, parseScope, parseScopes } from './scope.ts';

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const host = fc.tuple(word, fc.nat(65_535)).map(([label, port]) => `${label}:${port}`);
const actions = fc.uniqueArray(fc.constantFrom('pull', 'push', 'delete', '*'), { minLength: 1 });

describe('parseScope', () => {
  it('reads back what formatScope writes', () => {
    fc.assert(
      fc.property(fc.constantFrom('repository', 'registry'), name, actions, (type, resource, asked) => {
        const scope = { type, name: resource, actions: asked };
        expect(parseScope(formatScope(scope))).toEqual(scope);
      }),
    );
  });

  it('splits at the first and the last colon, so a host may have a port', () => {
    fc.assert(
      fc.property(host, name, (authority, path) => {
        expect(parseScope(`repository:${authority}/${path}:pull`)).toEqual({
          type: 'repository',
          name: `${authority}/${path}`,
          actions: ['pull'],
        });
      }),
    );
  });

  it('drops the class of a type', () => {
    expect(parseScope('repository(plugin):a/b:pull')).toEqual({
      type: 'repository',
      name: 'a/b',
      actions: ['pull'],
    });
  });

  it.each([
    '',
    ':',
    '::',
    'repository',
    'repository:a',
    'repository:a:',
    ':a:pull',
    'repository::pull',
    'repository:a/B:pull',
    'repository:a/../b:pull',
    'repository:a//b:pull',
    'repository:/a:pull',
    'repository:a:Pull',
    'repository:a:pull,',
    'repository:a:pull push',
    'repository:a%2fb:pull',
    'repository:a*:pull',
    'repository():a:pull',
    `repository:${'a/'.repeat(600)}a:pull`,
  ])('does not read "%s"', (text) => expect(parseScope(text)).toBeUndefined());

  it('never throws, and what it reads it would write again in the same way', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(':', '/', ',', '*', 'a', '1', '.', '-', '(', ')') }),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const scope = parseScope(candidate);
        expect(scope && parseScope(formatScope(scope))).toEqual(scope);
      }),
    );
  });
});

describe('parseScopes', () => {
  it('merges scopes of one resource and ignores invalid ones', () => {
    expect(parseScopes(['repository:a:pull repository:b:pull', 'junk', 'repository:a:push,pull'])).toEqual([
      { type: 'repository', name: 'a', actions: ['pull', 'push'] },
      { type: 'repository', name: 'b', actions: ['pull'] },
    ]);
  });

  it('reads a hundred scopes at most', () => {
    expect(
      parseScopes([Array.from({ length: 10_000 }, (_, index) => `repository:r${index}:pull`).join(' ')]),
    ).toHaveLength(100);
  });
});
