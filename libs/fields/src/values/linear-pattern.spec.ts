import { describe, expect, it } from 'vitest';
import { LinearPattern } from './linear-pattern.ts';

describe('LinearPattern.ofExpression', () => {
  it.each([
    ['^docker/', 'docker/29.0', true],
    ['^docker/', 'podman', false],
    ['(?i)DOCKER', 'a docker', true],
    [String.raw`^https?://([^/]+\.)*example\.com/`, 'https://a.b.example.com/layer', true],
    ['(?P<host>a)b', 'ab', true],
  ])('%s on %s: %s', (source, text, matches) => {
    expect(LinearPattern.ofExpression(source)?.test(text)).toBe(matches);
  });

  it.each(['(', '(?=a)', '(?<!a)b', String.raw`(a)\1`, '((a{100}){100}){100}'])('refuses %s', (source) => {
    expect(LinearPattern.ofExpression(source)).toBeUndefined();
  });

  it('matches only the beginning of a long text', () => {
    const end = LinearPattern.ofExpression('b$');
    expect(end?.test(`${'a'.repeat(4095)}b`)).toBe(true);
    expect(end?.test(`${'a'.repeat(4096)}b`)).toBe(false);
  });
});

describe('LinearPattern.ofGlob', () => {
  it.each([
    ['team', 'team', true],
    ['team', 'team/app', false],
    ['team/*', 'team/app', true],
    ['team/*', 'team/app/debug', false],
    ['team/**', 'team/app/debug', true],
    ['team/**', 'team', false],
    ['**/app', 'app', true],
    ['**/app', 'a/b/app', true],
    ['**/app', 'my-app', false],
    ['team/**/app', 'team/app', true],
    ['te**m/app', 'team/app', true],
    ['te**/app', 'te/am/app', false],
    ['**', 'any/thing', true],
    ['team-?', 'team-a', true],
    ['team-?', 'team-/', false],
    ['team-[a-c]', 'team-b', true],
    ['team-[!a-c]', 'team-b', false],
    ['{dev,test/*}/app', 'test/x/app', true],
    ['{dev,test/*}/app', 'prod/app', false],
    ['a.b', 'acb', false],
    ['a+', 'aa', false],
    [String.raw`a\*`, 'a*', true],
  ])('%s on %s: %s', (source, text, matches) => {
    expect(LinearPattern.ofGlob(source)?.test(text)).toBe(matches);
  });

  it.each(['{a,b', 'a}', '+(a|aa)', '!(team)', '[z-a]'])('refuses %s', (source) => {
    expect(LinearPattern.ofGlob(source)).toBeUndefined();
  });
});

describe('LinearPattern.ofClaim', () => {
  it.each([
    ['repo:octo/app:ref:refs/heads/main', 'repo:octo/app:ref:refs/heads/main', true],
    ['repo:octo/app:ref:refs/heads/main', 'repo:octo/app:ref:refs/heads/main2', false],
    ['repo:octo/*:ref:refs/heads/main', 'repo:octo/app:ref:refs/heads/main', true],
    ['repo:octo/*:ref:refs/heads/main', 'repo:octo/app:environment:x:ref:refs/heads/main', false],
    ['octo/*', 'octo/app', true],
    ['octo/*', 'octo/', true],
    ['octo/*', 'octo/app/../../evil', false],
    ['octo/*', 'evil/octo/app', false],
    ['refs/heads/**', 'refs/heads/feature/a:b', true],
    ['**', 'anything/at:all\n', true],
    ['octo/*', 'octo/app\n', true],
    ['octo/app', 'octo/app\n', false],
    ['v1.*', 'v1.2', true],
    ['v1.*', 'v102', false],
    ['a[b]{c,d}?', 'a[b]{c,d}?', true],
  ])('%s on %s: %s', (glob, text, matches) => {
    expect(LinearPattern.ofClaim(glob).test(text)).toBe(matches);
  });
});
