import { spawn } from 'node:child_process';
import { cp, mkdtemp, chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase, homeDatabaseUrl } from '@longshore/metadata';
import { isAlive } from '@longshore/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embeddedPrograms } from './embedded-postgres.ts';
import { type PostgresServer, type PostgresServerOptions, startPostgresServer } from './postgres-server.ts';

let folder: string;
let said: string[];
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standalone-postgres-'));
  // When the tests run as root, the server runs as another user, who must be able to traverse this directory.
  await chmod(folder, 0o755);
  said = [];
});
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
  await rm(folder, { recursive: true, force: true });
});

async function start(name = 'home', options: Partial<PostgresServerOptions> = {}): Promise<PostgresServer> {
  const server = await startPostgresServer(await embeddedPrograms(), {
    home: join(folder, name),
    progress: (message) => said.push(message),
    connections: 10,
    sharedBuffers: '8MB',
    ...options,
  });
  undo.push(() => server.stop());
  return server;
}

const pidFile = (name = 'home'): string => join(folder, name, 'postgres/postmaster.pid');

async function postmaster(name = 'home'): Promise<number> {
  return Number((await readFile(pidFile(name), 'utf8')).split('\n')[0]);
}

async function answers({ url }: PostgresServer): Promise<void> {
  const database = await connectDatabase({ url, poolSize: 1 });
  await database.close();
}

/** Leaves a Postgres without a watcher, as a killed registry does. */
async function leftBehind(name = 'home'): Promise<number> {
  const home = JSON.stringify(join(folder, name));
  const program = `
    const { startPostgresServer } = await import(${JSON.stringify(join(import.meta.dirname, 'postgres-server.ts'))});
    const { embeddedPrograms } = await import(${JSON.stringify(join(import.meta.dirname, 'embedded-postgres.ts'))});
    await startPostgresServer(await embeddedPrograms(), { home: ${home}, progress() {}, connections: 10, sharedBuffers: '8MB' });
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' });
  await new Promise((resolve) => child.once('exit', resolve));
  return postmaster(name);
}

describe('startPostgresServer', () => {
  it('stops the server that a killed registry left behind, and starts its own on the same data', async () => {
    const before = await leftBehind();
    expect(isAlive(before)).toBe(true);
    await answers(await start());
    expect(isAlive(before)).toBe(false);
  });

  it('spares an unrelated process whose pid a stale pid file names', async () => {
    await (await start()).stop();
    undo.length = 0;
    const stranger = spawn('sleep', ['600']);
    undo.push(() => stranger.kill('SIGKILL'));
    await writeFile(
      pidFile(),
      `${stranger.pid}\n${join(folder, 'home/postgres')}\n1700000000\n5432\n/tmp\n\n`,
    );
    await answers(await start());
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(said.join('\n')).toContain(`process ${stranger.pid}`);
  });

  it('spares the server of the original when its home was copied, and reports the copy', async () => {
    const original = await start();
    const pid = await postmaster();
    await cp(join(folder, 'home'), join(folder, 'copy'), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !path.includes('.s.PGSQL'),
    });
    await chownLike(join(folder, 'home'), join(folder, 'copy'));
    await answers(await start('copy'));
    expect(isAlive(pid)).toBe(true);
    await answers(original);
    expect(said.join('\n')).toContain(join(folder, 'home/postgres'));
  });

  it('passes no secret of the registry to Postgres', async () => {
    process.env['REGISTRY_STORAGE_S3_SECRETKEY'] = 'canary';
    undo.push(() => delete process.env['REGISTRY_STORAGE_S3_SECRETKEY']);
    await start();
    expect(await readFile(`/proc/${await postmaster()}/environ`, 'utf8')).not.toMatch(/canary|REGISTRY_/);
  });

  it('leaves no folder in the temporary directory after a kill and another start', async () => {
    const before = await socketFolders();
    await leftBehind();
    await (await start()).stop();
    undo.length = 0;
    expect((await socketFolders()).filter((name) => !before.includes(name))).toEqual([]);
  });

  it('restarts a server that died, on the same URL', async () => {
    const server = await start();
    const before = await postmaster();
    process.kill(before, 'SIGKILL');
    await expect
      .poll(
        () =>
          answers(server).then(
            () => 'answers',
            () => 'silent',
          ),
        { timeout: 60_000 },
      )
      .toBe('answers');
    expect(await postmaster()).not.toBe(before);
  });

  it('is found by its home, even if its socket is elsewhere', async () => {
    const home = join(folder, 'home');
    expect(await homeDatabaseUrl(home)).toBeUndefined();
    const server = await start();
    expect(await homeDatabaseUrl(home)).toBe(server.url);
    const deep = join(folder, 'a'.repeat(100));
    const other = await start(deep.slice(folder.length + 1));
    expect(await homeDatabaseUrl(deep)).toBe(other.url);
    expect(other.url).not.toContain('aaa');
  });

  it('says what is missing when its user has no name, as in a container with another --user', async () => {
    // In a user namespace, where the user has a number that no account has.
    const { initdb, ...programs } = await embeddedPrograms();
    const nameless = join(folder, 'initdb');
    const unshare = 'unshare --user --map-user=54321 --map-group=54321';
    await writeFile(nameless, `#!/bin/sh\nexec ${unshare} '${initdb}' "$@"\n`, { mode: 0o755 });
    const starting = startPostgresServer(
      { ...programs, initdb: nameless },
      { home: join(folder, 'home'), progress: () => undefined, connections: 10, sharedBuffers: '8MB' },
    );
    await expect(starting).rejects.toThrow(/^user 54321 has no name, .*: add the user to \/etc\/passwd/);
  });

  it('gives up on a server that cannot be restarted, and reports the reason', async () => {
    const server = await start('home', { patience: 2000 });
    await writeFile(join(folder, 'home/postgres/postgresql.conf'), 'nonsense here\n');
    process.kill(await postmaster(), 'SIGKILL');
    const reason = await Promise.race([server.lost, sleep(60_000, undefined, { ref: false })]);
    expect(reason?.message).toMatch(/postgresql\.conf/);
  });
});

async function socketFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => /^longshore-[A-Za-z0-9]{6}$/.test(name));
}

/** `cp -a` keeps owners; node:fs does not. */
async function chownLike(from: string, to: string): Promise<void> {
  const child = spawn('chown', ['-R', `--reference=${join(from, 'postgres')}`, join(to, 'postgres')]);
  await new Promise((resolve) => child.once('exit', resolve));
}
