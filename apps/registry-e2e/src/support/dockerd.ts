import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@longshore/testing';
import { attempt, run } from './command.ts';

export interface Docker {
  docker(...options: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** A Docker engine of our own: no network, no other user, everything below one temporary directory. It trusts HTTP on localhost by itself. */
export async function startDocker(): Promise<Docker> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-docker-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const log = join(folder, 'dockerd.log');
  const options = [
    '-H',
    host,
    '--data-root',
    join(folder, 'data'),
    '--exec-root',
    join(folder, 'exec'),
    '--pidfile',
    join(folder, 'docker.pid'),
  ];
  const isolation = [
    '--bridge=none',
    '--iptables=false',
    '--ip-forward=false',
    '--ip-masq=false',
    '--storage-driver=vfs',
  ];
  const engine = spawn('dockerd', [...options, ...isolation], { stdio: ['ignore', 'ignore', 'pipe'] });
  engine.stderr.pipe(createWriteStream(log));
  const ended = once(engine, 'exit');
  const environment = { DOCKER_HOST: host, DOCKER_CONFIG: join(folder, 'config') };
  await mkdir(environment.DOCKER_CONFIG);
  try {
    await eventually(async () => {
      if (engine.exitCode !== null) throw new Error('dockerd ended');
      const { code } = await attempt('docker', ['version'], { environment });
      if (code !== 0) throw new Error('dockerd does not answer');
    }, 60_000);
  } catch (error) {
    engine.kill('SIGKILL');
    throw new Error(`dockerd did not start:\n${(await readFile(log, 'utf8')).slice(-2000)}`, {
      cause: error,
    });
  }
  return {
    docker: (...command) => run('docker', command, { environment }),
    stop: async () => {
      engine.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
