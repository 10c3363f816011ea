import { matchRoute } from '@longshore/oci';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challenge } from './challenge.ts';
import { challengedScopes, requiredScopes } from './route-scopes.ts';

const bearer = {
  kind: 'bearer',
  realm: 'https://registry.example.org/auth/token',
  service: 'longshore',
} as const;
const digest = `sha256:${'a'.repeat(64)}`;

describe('challenge', () => {
  it("is written as distribution's clients read it", () => {
    expect(
      challenge(
        bearer,
        [{ type: 'repository', name: 'a/b', actions: ['pull', 'push'] }],
        'insufficient_scope',
      ),
    ).toBe(
      'Bearer realm="https://registry.example.org/auth/token",service="longshore",scope="repository:a/b:pull,push",error="insufficient_scope"',
    );
    expect(challenge(bearer)).toBe(
      'Bearer realm="https://registry.example.org/auth/token",service="longshore"',
    );
    expect(challenge({ kind: 'basic', realm: 'Registry "Realm"' })).toBe(
      String.raw`Basic realm="Registry \"Realm\"", charset="UTF-8"`,
    );
  });

  it('is one header whatever the settings hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (realm) => {
        expect(challenge({ kind: 'basic', realm })).toMatch(
          /^Basic realm="(?:[\t !#-[\]-~]|\\["\\])*", charset="UTF-8"$/,
        );
      }),
    );
  });
});

describe('requiredScopes', () => {
  it.each([
    ['GET', '/v2/', []],
    ['GET', '/v2/_catalog', ['registry:catalog:*']],
    ['HEAD', `/v2/a/b/blobs/${digest}`, ['repository:a/b:pull']],
    ['GET', '/v2/a/tags/list', ['repository:a:pull']],
    ['PUT', '/v2/a/manifests/1', ['repository:a:pull,push']],
    ['POST', '/v2/a/blobs/uploads/', ['repository:a:pull,push']],
    ['DELETE', '/v2/a/manifests/1', ['repository:a:delete']],
    ['DELETE', `/v2/a/blobs/${digest}`, ['repository:a:delete']],
  ])('%s %s', (method, url, scopes) => {
    expect(
      requiredScopes(matchRoute(method, url)).map(
        ({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`,
      ),
    ).toEqual(scopes);
  });
});

describe('challengedScopes', () => {
  it('asks for the source of a mount too', () => {
    const scopes = challengedScopes(matchRoute('POST', `/v2/a/blobs/uploads/?mount=${digest}&from=b/c`));
    expect(scopes.map(({ name, actions }) => [name, actions])).toEqual([
      ['a', ['pull', 'push']],
      ['b/c', ['pull']],
    ]);
  });

  it('asks for nothing in the name of a source that is no name', () => {
    expect(
      challengedScopes(matchRoute('POST', `/v2/a/blobs/uploads/?mount=${digest}&from=B%22`)),
    ).toHaveLength(1);
  });
});
