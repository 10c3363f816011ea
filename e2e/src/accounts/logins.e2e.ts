import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt, type CommandOptions, run } from '../support/command.ts';
import { basic } from '../support/credentials.ts';
import { type Docker, startDocker } from '../support/dockerd.ts';
import { accessToken, longshore } from '../support/longshore.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { client, imageName, target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { host } = new URL(target.origin);
const password = 'a password of ann';
const denied = /unauthorized|denied|insufficient_scope/i;
let folder = '';
let rootfs = '';
let settings: CommandOptions = {};

beforeAll(async () => {
  folder = await temporaryFolder('accounts');
  rootfs = await writeRootfs(folder);
  settings = { environment: { HOME: folder, DOCKER_CONFIG: join(folder, 'crane') } };
  await writeFile(join(folder, 'password'), `${password}\n`);
  await longshore('user', 'add', 'ann', '--password-file', join(folder, 'password'));
  await longshore('robot', 'add', 'ci');
});

const crane = (...options: readonly string[]): Promise<string> =>
  run('crane', ['--insecure', ...options], settings);
const login = (username: string, secret: string): Promise<string> =>
  crane('auth', 'login', host, '--username', username, '--password', secret);
const append = (name: string): readonly string[] => [
  'append',
  '--new_layer',
  rootfs,
  '--new_tag',
  imageName(name),
];

async function expectDenied(...options: readonly string[]): Promise<void> {
  const { code, stderr } = await attempt('crane', ['--insecure', ...options], settings);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(denied);
}

describe('a user of the command line', () => {
  let engine: Docker;
  beforeAll(async () => {
    engine = await startDocker();
  });
  afterAll(() => engine.stop());

  it('logs docker in with the password, and pushes', async () => {
    const image = imageName('team/docker:1');
    await engine.docker('import', rootfs, image);
    await expect(engine.docker('push', image)).rejects.toThrow(denied);
    await expect(engine.docker('login', '--username', 'ann', '--password', 'no', host)).rejects.toThrow(
      denied,
    );
    await engine.docker('login', '--username', 'ann', '--password', password, host);
    await engine.docker('push', image);
    await engine.docker('logout', host);
  });

  it('logs docker in with an access token, and pulls', async () => {
    const image = imageName('team/docker:1');
    const { secret } = await accessToken('user:ann');
    await engine.docker('rmi', image);
    await engine.docker('login', '--username', 'ann', '--password', secret, host);
    expect(await engine.docker('pull', image)).toContain(image);
    await engine.docker('logout', host);
  });

  it('logs crane in with either', async () => {
    await login('ann', password);
    await crane(...append('team/crane:1'));
    const { secret } = await accessToken('user:ann');
    await login('ann', secret);
    await crane('validate', '--remote', imageName('team/crane:1'));
    expect(await crane(...append('team/crane:2'))).toContain('sha256:');
  });
});

describe('a robot', () => {
  it('pushes within the limits of its token, and is denied everything beyond', async () => {
    const { secret } = await accessToken('robot:ci', '--action', 'pull', 'push', '--repository', 'team/**');
    await login('ci', secret);
    await crane(...append('team/robot:1'));
    await crane('validate', '--remote', imageName('team/robot:1'));
    await expectDenied(...append('public/robot:1'));
    const digest = await crane('digest', imageName('team/robot:1'));
    await expectDenied('delete', `${imageName('team/robot')}@${digest}`);
    rootfs = await writeRootfs(folder);
    await expectDenied(...append('team/robot:1'));
    expect(await crane('digest', imageName('team/robot:1'))).toBe(digest);
  });

  it('has no password', async () => {
    const answer = await client.get('/v2/', {
      authorization: basic({ username: 'ci', password: '' }),
    });
    expect(answer.status).toBe(401);
  });
});
