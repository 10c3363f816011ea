import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigurationError } from '../configuration-error.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { refuseUnusable } from '../start/resource-problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-workload-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const github = {
  name: 'github',
  issuer: 'https://token.actions.githubusercontent.com',
  audience: 'https://registry.example.com',
  rules: [{ claims: { repository: 'octo/*' }, principal: '{repository}' }],
};

function load(workloads: readonly object[], auth: object = {}) {
  const file = join(folder, 'registry.yml');
  writeFileSync(file, stringify({ version: '0.1', storage: { inmemory: {} }, auth: { workloads, ...auth } }));
  return loadConfiguration({ file, environment: {} });
}

function problems(workloads: readonly object[], auth: object = {}): Record<string, string> {
  try {
    load(workloads, auth);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
}

describe('auth.workloads', () => {
  it('is enough to have accounts, and to issue tokens', () => {
    expect(problems([github])).toEqual({});
    expect(problems([github], { token: {} })).toEqual({});
    expect(problems([])).toEqual({ auth: expect.stringContaining('nor workloads') });
  });

  it('accepts RS256 and ES256 unless told otherwise', () => {
    expect(load([github]).auth?.workloads[0]?.algorithms).toEqual(['RS256', 'ES256']);
  });

  it.each([
    ['no audience', { audience: undefined }, 'audience'],
    ['an empty audience', { audience: '' }, 'audience'],
    ['the default audience of GitHub', { audience: 'https://github.com/octo' }, 'audience'],
    ['the default audience of Kubernetes', { audience: 'https://kubernetes.default.svc' }, 'audience'],
    ['the audience of AWS', { audience: 'sts.amazonaws.com' }, 'audience'],
    ['the issuer as audience', { audience: github.issuer }, 'audience'],
    ['a symmetric algorithm', { algorithms: ['HS256'] }, 'algorithms.0'],
    ['alg none', { algorithms: ['none'] }, 'algorithms.0'],
    ['a name with a slash', { name: 'git/hub' }, 'name'],
    ['an issuer that is no URL', { issuer: 'github' }, 'issuer'],
    ['no rules', { rules: [] }, 'rules'],
    ['a rule without claims', { rules: [{ claims: {} }] }, 'rules.0.claims'],
    ['an empty pattern', { rules: [{ claims: { sub: '' } }] }, 'rules.0.claims.sub'],
    [
      'adjacent claims in a name',
      { rules: [{ claims: { sub: 'a' }, principal: '{a}{b}' }] },
      'rules.0.principal',
    ],
    ['a token file without a URL of keys', { tokenfile: '/a' }, 'tokenfile'],
    ['a token file with a file of keys', { jwks: '/keys', tokenfile: '/a' }, 'tokenfile'],
  ])('refuses %s', (_, more, key) => {
    expect(Object.keys(problems([{ ...github, ...more }]))).toEqual([`auth.workloads.0.${key}`]);
  });

  it('refuses two providers with one name or issuer, and the issuer of our own tokens', () => {
    expect(Object.keys(problems([github, github]))).toEqual([
      'auth.workloads.1.name',
      'auth.workloads.1.issuer',
    ]);
    expect(Object.keys(problems([github], { token: { issuer: github.issuer } }))).toEqual([
      'auth.workloads.0.issuer',
    ]);
  });

  it('names files of keys and tokens that cannot be used, before a start', async () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '{"keys":[]}');
    const configuration = load([
      { ...github, jwks: empty },
      { ...github, name: 'b', issuer: 'https://b.example', jwks: join(folder, 'absent.json') },
      {
        ...github,
        name: 'c',
        issuer: 'https://c.example',
        jwks: 'https://c.example/keys',
        tokenfile: '/absent',
      },
    ]);
    const refused = refuseUnusable(configuration, ['identity providers']);
    await expect(refused).rejects.toMatchObject({
      problems: [
        { path: 'auth.workloads.0.jwks', message: expect.stringContaining('without a key') },
        { path: 'auth.workloads.1.jwks', message: expect.stringContaining('ENOENT') },
        { path: 'auth.workloads.2.tokenfile', message: expect.stringContaining('ENOENT') },
      ],
    });
  });
});
