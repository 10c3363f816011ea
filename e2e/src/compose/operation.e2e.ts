import { once } from 'node:events';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, freePort } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workspace } from '../runner/workspace.ts';
import { run } from '../support/command.ts';
import { basic } from '../support/credentials.ts';
import { type Docker, dockerWithNetworks } from '../support/dockerd.ts';
import { blocksOf } from '../support/runbook.ts';
import { serviceNames } from '../support/service-names.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Deployment, tag } from './deployment.ts';
import { buildImages } from './image-layout.ts';

/** The accounts on the page. */
const alice = { username: 'alice', password: 'the password' };
const bob = { username: 'bob', password: 'another password' };

describe('docs/runbooks/compose.md, typed as it is', async () => {
  // A folder with the files of a clone that the page needs.
  const place = await temporaryFolder('operation');
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  let engine: Docker;
  let deployment: Deployment;
  let pushed: string;

  beforeAll(async () => {
    engine = await dockerWithNetworks();
    const settings = {
      engine,
      name: `longshore-test-operation-${process.pid}`,
      port,
      folder: join(place, '.longshore'),
    };
    await mkdir(settings.folder);
    deployment = new Deployment({ ...settings, composeFile: join(place, 'docker-compose.yml') });
    for (const path of ['docker-compose.yml', 'deploy'])
      await cp(join(workspace, path), join(place, path), { recursive: true });
    await symlink(join(workspace, 'node_modules'), join(place, 'node_modules'));
    await buildImages(['--tag', tag], engine.environment);
    await run(process.execPath, [join(workspace, 'tools/run.mjs'), 'secrets'], {
      cwd: workspace,
      environment: deployment.environment,
    });
    await deployment.up();
    ({ pushed } = await deployment.pushAndPull());
  }, 900_000);

  afterAll(async () => {
    await deployment.down();
    await engine.stop();
  });

  it('notices an edit of the settings', { timeout: 300_000 }, async () => {
    const pulls = new Pulls(statusOf);
    await type('Settings');
    tell('all services were replaced at once', await pulls.stop());
    const level = await deployment.evaluateIn(
      'manifest-service',
      '--print',
      'process.env.REGISTRY_LOG_LEVEL',
    );
    expect(level).toBe('warn');
  });

  it('asks for accounts, and admits one that was added without a restart', { timeout: 300_000 }, async () => {
    expect(await statusOf()).toBe(200);
    const [first = '', login = '', second = ''] = await blocksOf('compose.md', 'Accounts');
    await inPlace(first);
    expect(await statusOf()).toBe(401);
    expect(await statusOf(alice)).toBe(200);
    await inPlace(login);
    const before = await containersOf('auth-service');
    expect(await statusOf(bob)).toBe(401);
    await inPlace(second);
    expect(await statusOf(bob)).toBe(200);
    expect(await containersOf('auth-service')).toEqual(before);
  });

  it(
    'makes the first administrator, with a password that is printed once',
    { timeout: 300_000 },
    async () => {
      const [make = '', change = ''] = await blocksOf('compose.md', 'Users and robots in the database');
      const password = /^one-time password: (\S+)$/m.exec(await inPlace(make))?.[1] ?? '';
      const printedOnce = { username: 'ann', password };
      expect(await statusOf(printedOnce)).toBe(200);
      await inPlace(change);
      await eventually(async () => expect(await statusOf(printedOnce)).toBe(401));
      expect(await statusOf({ username: 'ann', password: 'a lasting password' })).toBe(200);
      expect(await statusOf(alice)).toBe(200);
    },
  );

  it('takes new secrets of the services and of the bus', { timeout: 300_000 }, async () => {
    const secret = join(place, '.longshore/secrets/services-secret');
    const before = await readFile(secret, 'utf8');
    await type('New secrets');
    expect(await readFile(secret, 'utf8')).not.toBe(before);
    expect(await statusOf(alice)).toBe(200);
  });

  it('goes back to a backup, with the accounts', { timeout: 600_000 }, async () => {
    await type('Backup');
    await engine.docker('tag', pushed, `localhost:${port}/team/app:later`);
    await engine.docker('push', `localhost:${port}/team/app:later`);
    await type('Restore');
    expect(await statusOf(alice)).toBe(200);
    expect(await statusOf(alice, 'later')).toBe(404);
    await engine.docker('rmi', '--force', pushed);
    await engine.docker('pull', `localhost:${port}/team/app:1`);
    expect(await engine.docker('inspect', '--format', '{{.Id}}', `localhost:${port}/team/app:1`)).toBe(
      pushed,
    );
  });

  it(
    'replaces each service while clients pull, and takes an edited configuration up',
    { timeout: 600_000 },
    async () => {
      const file = join(place, 'deploy/compose/config.yml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('http:\n', 'http:\n  headers: { X-Edited: [yes] }\n'));
      const before = await Promise.all(serviceNames.map(containersOf));
      const [, roll = ''] = await blocksOf('compose.md', 'Upgrade');
      const pulls = new Pulls(() => statusOf(alice));
      await inPlace(roll);
      const away = await pulls.stop();
      tell('the services were replaced one by one', away);
      const after = await Promise.all(serviceNames.map(containersOf));
      expect(after.map((ids) => ids.length)).toEqual(before.map((ids) => ids.length));
      expect(after.flat().filter((id) => before.flat().includes(id))).toEqual([]);
      expect((await fetch(origin)).headers.get('x-edited')).toBe('yes');
      // The gateway's own replacement refuses connections; every answer was 200.
      expect(away.refused).toEqual([]);
      expect(away.longest).toBeLessThan(30_000);
    },
  );

  /** Types all commands of a section. */
  async function type(section: string): Promise<void> {
    for (const block of await blocksOf('compose.md', section)) await inPlace(block);
  }

  async function inPlace(block: string): Promise<string> {
    // The place has no scripts of npm. The environment says where the files are.
    const secrets = `${process.execPath} ${join(workspace, 'tools/run.mjs')} secrets`;
    return run('bash', ['-euo', 'pipefail', '-c', block.replace('npm run secrets', secrets)], {
      cwd: place,
      environment: { ...deployment.environment, REGISTRY: `localhost:${port}` },
      timeoutMs: 400_000,
    });
  }

  function statusOf(who?: { username: string; password: string }, reference = '1'): Promise<number> {
    const headers = { accept: '*/*', ...(who === undefined ? {} : { authorization: basic(who) }) };
    return statusOfNewConnection(`${origin}/v2/team/app/manifests/${reference}`, headers);
  }

  async function containersOf(service: string): Promise<readonly string[]> {
    return (await deployment.compose('ps', '--quiet', service)).split('\n').toSorted();
  }
});

interface Away {
  /** Milliseconds of the longest time without an answer. */
  readonly longest: number;
  /** Answers other than 200. */
  readonly refused: readonly number[];
}

function tell(what: string, { longest }: Away): void {
  console.log(`measured: away for ${(longest / 1000).toFixed(1)} s while ${what}`);
}

/** Uses a new connection: a kept one would lead to a container that is ending. */
async function statusOfNewConnection(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const request = get(url, { headers, agent: false, timeout: 20_000 });
  request.once('timeout', () => request.destroy(new Error('no answer within 20 s')));
  const [response]: IncomingMessage[] = await once(request, 'response');
  response?.resume();
  return response?.statusCode ?? 0;
}

/** Pulls repeatedly until it is stopped. */
class Pulls {
  readonly #ask: () => Promise<number>;
  readonly #loop: Promise<void>;
  readonly #refused: number[] = [];
  #stopped = false;
  #longest = 0;

  constructor(ask: () => Promise<number>) {
    this.#ask = ask;
    this.#loop = this.#run();
  }

  async stop(): Promise<Away> {
    this.#stopped = true;
    await this.#loop;
    return { longest: this.#longest, refused: this.#refused };
  }

  async #run(): Promise<void> {
    let last = performance.now();
    while (!this.#stopped) {
      const status = await this.#ask().catch(() => undefined);
      if (status === 200) {
        this.#longest = Math.max(this.#longest, performance.now() - last);
        last = performance.now();
      } else if (status !== undefined) this.#refused.push(status);
      await sleep(50);
    }
  }
}
