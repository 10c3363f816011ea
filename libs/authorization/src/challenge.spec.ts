import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challenge } from './challenge.ts';

const bearer = {
  kind: 'bearer',
  realm: 'https://registry.example.org/auth/token',
  service: 'longshore',
} as const;

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
