import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userNamed } from '@longshore/authorization';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfiguration } from '../load-configuration.ts';
import { accessPolicy } from './access-policy.ts';
import { resourceProblems } from './resource-problems.ts';

const directory = mkdtempSync(join(tmpdir(), 'access-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, 'registry.yml');

const load = (access: string, auth = 'auth: { htpasswd: { path: /accounts } }') => {
  writeFileSync(file, `version: 0.1\nstorage: inmemory\n${auth}\n${access}`);
  return loadConfiguration({ file, environment: {} });
};
const problems = async (access: string) =>
  (await resourceProblems(load(access), ['access rules'])).map(({ path, message }) => `${path}: ${message}`);

describe('access', () => {
  it('opens pulls to everybody and pushes to accounts in three lines', async () => {
    const policy = await accessPolicy(load('access:\n  everybody: reader\n  accounts: maintainer\n'));
    const question = { client: { address: '' }, repository: 'a', tag: 'v1' };
    const anonymous = {
      kind: 'anonymous',
      subject: '',
      groups: [],
      claims: {},
      credential: { kind: 'none' },
    } as const;
    expect(policy.decide({ ...question, identity: anonymous, action: 'pull' }).allowed).toBe(true);
    expect(policy.decide({ ...question, identity: anonymous, action: 'push' }).allowed).toBe(false);
    expect(policy.decide({ ...question, identity: userNamed('ann'), action: 'overwrite' }).allowed).toBe(
      true,
    );
    expect(policy.decide({ ...question, identity: userNamed('ann'), action: 'admin' }).allowed).toBe(false);
  });

  it('gives each user the namespace of its name, and nobody else', async () => {
    const policy = await accessPolicy(load('access: { ownnamespace: true }'));
    const may = (name: string, repository: string) =>
      policy.decide({
        identity: userNamed(name),
        client: { address: '' },
        repository,
        tag: undefined,
        action: 'push',
      }).allowed;
    expect(may('ann', 'ann/app')).toBe(true);
    expect(may('ann', 'bob/app')).toBe(false);
    expect(may('ann', 'ann')).toBe(false);
    expect(may('Ann', 'Ann/app')).toBe(false);
    expect(may('an*', 'ann/app')).toBe(false);
  });

  it('names the key of each mistake', async () => {
    const rules = `access:
  rules:
    - { name: one, subjects: [somebody], role: reader, repositories: ['A'] }
    - { name: two, subjects: [everybody] }
    - { name: one, subjects: [everybody], actions: [pull], when: 'nobody == 1' }
`;
    expect(await problems(rules)).toEqual([
      'access.rules.1: names neither a role nor actions',
      expect.stringMatching(/^access\.rules\.0\.subjects: "somebody" is none of /),
      expect.stringMatching(/^access\.rules\.0\.repositories: "A" is no pattern /),
      'access.rules.2.name: is the name of two rules',
      expect.stringMatching(/^access\.rules\.2\.when: uses nobody, which is none of /),
    ]);
  });

  it('needs auth', async () => {
    const open = load('access: { everybody: reader }', '');
    expect(await resourceProblems(open, ['access rules'])).toEqual([
      expect.objectContaining({ path: 'access', message: expect.stringContaining('needs auth') }),
    ]);
  });
});
