import { describe, expect, it } from 'vitest';
import { PrincipalTemplate } from './principal-template.ts';
import { type WorkloadRule, WorkloadRules } from './workload-rules.ts';

const is = (expected: string) => ({ test: (value: string) => value === expected });
const any = { test: () => true };

const rules = (...list: (Partial<WorkloadRule> & { readonly name?: string })[]): WorkloadRules =>
  new WorkloadRules(
    'ci',
    list.map(({ name, claims = { repository: any }, groups = [] }) => ({
      claims,
      groups,
      principal: name === undefined ? undefined : PrincipalTemplate.of(name),
    })),
  );

describe('WorkloadRules', () => {
  it('gives the name of the issuer and the groups of the first rule that matches', () => {
    const by = rules(
      { claims: { repository: is('octo/other') }, groups: ['other'] },
      { claims: { repository: is('octo/app'), ref: is('main') }, groups: ['main'] },
      { claims: { repository: is('octo/app') }, groups: ['rest'] },
    );
    expect(by.workload({ repository: 'octo/app', ref: 'main' })).toEqual({ subject: 'ci', groups: ['main'] });
    expect(by.workload({ repository: 'octo/app', ref: 'x' })).toEqual({ subject: 'ci', groups: ['rest'] });
    expect(by.workload({ repository: 'octo/none' })).toBeUndefined();
    expect(by.workload({})).toBeUndefined();
  });

  it('makes the name of claims, below the name of the issuer', () => {
    expect(rules({ name: '{repository}' }).workload({ repository: 'octo/app' })?.subject).toBe('ci/octo/app');
    expect(
      rules({ name: 'env-{environment}:{repository}' }).workload({
        repository: 'octo/app',
        environment: 'prod',
      })?.subject,
    ).toBe('ci/env-prod:octo/app');
  });

  it('finds nested claims by a JSON Pointer, and numbers, booleans and members of lists', () => {
    const claims = {
      'kubernetes.io': { namespace: 'team', serviceaccount: { name: 'builder' } },
      'a/b': { '~': 'tilde' },
      id: 42,
      protected: true,
      groups: ['x', 'y'],
    };
    const by = (name: string, value: string) => rules({ claims: { [name]: is(value) } }).workload(claims);
    expect(by('/kubernetes.io/serviceaccount/name', 'builder')).toBeDefined();
    expect(by('/a~1b/~0', 'tilde')).toBeDefined();
    expect(by('id', '42')).toBeDefined();
    expect(by('protected', 'true')).toBeDefined();
    expect(by('groups', 'y')).toBeDefined();
    expect(by('groups', 'x,y')).toBeUndefined();
    expect(by('kubernetes.io', '[object Object]')).toBeUndefined();
  });

  it.each([
    'constructor',
    '__proto__',
    '/constructor/name',
    '/groups/length',
    '/groups/0',
    'toString',
    '/',
    '//',
  ])('finds no claim %s that the token does not have', (name) => {
    expect(rules({ claims: { [name]: any } }).workload({ groups: ['x'] })).toBeUndefined();
  });

  it.each([
    ['a control character', 'octo/app\n'],
    ['a space', 'octo app'],
    ['a quote', `octo"app`],
    ['another script', 'octо'],
    ['nothing', ''],
    ['more than 255 characters', 'a'.repeat(256)],
    ['a list', ['a', 'b']],
    ['an object', {}],
    ['null', null],
  ])('makes no name of %s', (_, repository) => {
    expect(rules({ name: '{repository}' }).workload({ repository, other: 'x' })).toBeUndefined();
  });

  it('makes no name of more than 255 characters', () => {
    const by = rules({ name: '{repository}:{ref}' });
    expect(by.workload({ repository: 'a'.repeat(120), ref: 'b'.repeat(131) })?.subject).toHaveLength(255);
    expect(by.workload({ repository: 'a'.repeat(120), ref: 'b'.repeat(132) })).toBeUndefined();
  });

  it('compares no claim of more than 1024 characters', () => {
    expect(rules({}).workload({ repository: 'a'.repeat(1024) })).toBeDefined();
    expect(rules({}).workload({ repository: 'a'.repeat(1025) })).toBeUndefined();
  });

  it('gives different claims different names', () => {
    const by = rules({ name: '{a}:{b}' });
    expect(by.workload({ repository: 'r', a: 'x', b: 'y:z' })?.subject).toBe('ci/x:y:z');
    expect(by.workload({ repository: 'r', a: 'x:y', b: 'z' })).toBeUndefined();
  });
});

describe('PrincipalTemplate.of', () => {
  it.each(['', '{', 'a{b', 'a}', '{}', '{a}{b}', 'with space', '{a}\n', '{{a}}'])('refuses %j', (text) => {
    expect(PrincipalTemplate.of(text)).toBeUndefined();
  });

  it.each(['fixed', '{a}', 'a/{b}', '{a}:{/b/c}', '{https://example.com/claim}'])('accepts %j', (text) => {
    expect(PrincipalTemplate.of(text)).toBeDefined();
  });
});
