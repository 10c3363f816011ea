import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@longshore/testing';
import { attempt, run } from './command.ts';

export interface Docker {
  /** The environment with which other programs use this engine. */
  readonly environment: Readonly<Record<string, string>>;
  docker(...options: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Uses this machine's engine if it runs. Otherwise starts our own, whose containers reach each other; that needs firewall rules, which two engines
 * would take from each other.
 */
export async function dockerWithNetworks(): Promise<Docker> {
  const { code } = await attempt('docker', ['version']);
  if (code !== 0) return startDocker(['--storage-driver=overlay2']);
  return { environment: {}, docker: (...command) => run('docker', command), stop: () => Promise.resolve() };
}

const isolation = ['--iptables=false', '--ip-forward=false', '--ip-masq=false', '--storage-driver=vfs'];

/** Starts our own Docker engine: no network, no other user, everything below one temporary directory. It trusts HTTP on localhost by default. */
export async function startDocker(settings: readonly string[] = isolation): Promise<Docker> {
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
    '--bridge=none',
  ];
  const engine = spawn('dockerd', [...options, ...settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  engine.stderr.pipe(createWriteStream(log));
  const ended = once(engine, 'exit');
  const environment = { DOCKER_HOST: host, DOCKER_CONFIG: join(folder, 'config') };
  await mkdir(environment.DOCKER_CONFIG);
  const plugins = { cliPluginsExtraDirs: [join(homedir(), '.docker/cli-plugins')] };
  await writeFile(join(environment.DOCKER_CONFIG, 'config.json'), JSON.stringify(plugins));
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
    environment,
    docker: (...command) => run('docker', command, { environment }),
    stop: async () => {
      engine.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
