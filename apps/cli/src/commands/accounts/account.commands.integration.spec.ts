import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditPage, tokenLogin, userCredentials } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { cliOn } from '../../testing/cli-on.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
const folder = await mkdtemp(join(tmpdir(), 'account-commands-'));
afterAll(async () => {
  await postgres.drop();
  await rm(folder, { recursive: true });
});

const longshore = cliOn(postgres.url);

describe('longshore admin, user, group, robot and token', () => {
  it('make the first administrator once, with a password that is printed and not stored', async () => {
    const { status, printed } = await longshore('admin', 'bootstrap', 'root');
    expect(status).toBe(0);
    const password = /^one-time password: ([0-9a-f]{40})$/.exec(printed[1] ?? '')?.[1] ?? '';
    expect(password).toHaveLength(40);
    expect((await userCredentials(db, 'root'))?.passwordOnce).toBe(true);
    expect(await longshore('admin', 'bootstrap', 'other')).toMatchObject({
      status: 1,
      complained: [expect.stringContaining('there is an administrator already')],
    });
  });

  it('keep users, their passwords and their groups', async () => {
    const file = join(folder, 'password');
    await writeFile(file, 'a long enough password\n');
    expect((await longshore('user', 'add', 'ann', '--password-file', file)).status).toBe(0);
    const first = (await userCredentials(db, 'ann'))?.passwordHash;
    await writeFile(file, 'another long password');
    expect((await longshore('user', 'password', 'ann', '--password-file', file)).status).toBe(0);
    expect((await userCredentials(db, 'ann'))?.passwordHash).not.toBe(first);
    await longshore('group', 'add', 'dev');
    await longshore('group', 'join', 'dev', 'ann');
    await longshore('user', 'disable', 'ann');
    expect((await longshore('user', 'list')).printed).toContain('ann  database  dev (disabled)');
    expect((await longshore('group', 'list')).printed).toEqual(['dev  ann']);
    const json = await longshore('user', 'enable', 'ann', '--json');
    expect(JSON.parse(json.printed.join(''))).toMatchObject({
      before: { disabled: true },
      after: { disabled: false },
    });
    await longshore('group', 'leave', 'dev', 'ann');
    await longshore('group', 'remove', 'dev');
    expect((await longshore('user', 'remove', 'ann')).status).toBe(0);
    expect(await longshore('user', 'remove', 'ann')).toMatchObject({
      status: 1,
      complained: ['there is no user ann'],
    });
    expect((await longshore('user', 'add', 'Ann')).status).toBe(64);
  });

  it('give robots tokens that are shown once, and revoke them', async () => {
    await longshore('robot', 'add', 'ci');
    const limits = ['--days', '7', '--action', 'pull', 'push', '--repository', 'team/**'];
    const added = await longshore('token', 'add', 'robot:ci', 'build', ...limits);
    const secret = /^token: (lsb_[0-9A-Za-z]{36})$/.exec(added.printed[1] ?? '')?.[1] ?? '';
    const login = await tokenLogin(db, secret);
    expect(login).toMatchObject({
      holder: { robot: 'ci' },
      limits: [{ actions: ['pull', 'push'], repositories: ['team/**'] }],
    });
    const days = ((login?.expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThan(7.1);
    const { printed } = await longshore('token', 'list', 'robot:ci');
    expect(printed.join('\n')).toContain(login?.id);
    expect(printed.join('\n')).not.toContain(secret);
    expect((await longshore('token', 'revoke', login?.id ?? '')).status).toBe(0);
    expect(await tokenLogin(db, secret)).toBeUndefined();
    for (const wrong of [
      ['token', 'add', 'ci', 'x'],
      ['token', 'add', 'robot:ci', 'x', '--days', 'soon'],
      ['token', 'add', 'robot:ci', 'x', '--action', 'destroy'],
      ['token', 'add', 'robot:ci', 'x', '--repository', '../etc'],
    ])
      expect((await longshore(...wrong)).status, wrong.join(' ')).toBe(64);
  });

  it('leave an entry in the audit log for each change, with the object before and after', async () => {
    const since = new Date();
    await longshore('robot', 'add', 'audited');
    await longshore('robot', 'disable', 'audited');
    await longshore('token', 'add', 'user:root', 'x');
    await longshore('robot', 'remove', 'nobody');
    await longshore('robot', 'remove', 'audited');
    const { items } = await auditPage(db, { since, limit: 10 });
    expect(items.toReversed()).toMatchObject([
      { action: 'createRobot', actorKind: 'operator', service: 'cli', after: { name: 'audited' } },
      { action: 'updateRobot', before: { disabled: false }, after: { disabled: true } },
      { action: 'createAccessToken', after: { name: 'x', holder: { user: 'root' } } },
      { action: 'deleteRobot', before: { name: 'audited' } },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/ls[pb]_/);
  });
});
