import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@longshore/testing';
import { workspace } from './workspace.ts';

export type Form = 'standalone' | 'cluster';
/** A form that we start, the containers that a suite starts itself, or the origin of a running registry. */
export type Target = Form | 'compose' | `http://${string}`;

/** Returns a configuration in YAML. @param home a directory for the files that it names @param origin where clients reach the registry */
export type Configuration = (home: string, origin: string) => string | Promise<string>;

export interface RegistryOptions {
  readonly form: Form;
  readonly configuration?: Configuration;
  readonly environment?: Readonly<Record<string, string>>;
  /** State from an earlier start. Default: a new temporary directory. */
  readonly home?: string;
  readonly port?: number;
  /** Asks whether the registry answers. Default: over http, without credentials. */
  readonly answers?: (port: number) => Promise<boolean>;
}

export interface Registry {
  readonly origin: string;
  readonly home: string;
  readonly log: string;
  /** Process id of the launcher, the parent of the registry's processes. */
  readonly pid: number;
  /** Ends it like `kill`. Rejects if it does not end within a minute. */
  stop(): Promise<void>;
  /** Resolves when it has ended, whatever the cause. */
  readonly ended: Promise<number>;
  discard(): Promise<void>;
}

const scripts = { standalone: 'start', cluster: 'cluster' } as const;
const startMs = { standalone: 120_000, cluster: 180_000 } as const;

/** Starts the registry of `npm start` or `npm run cluster`, and resolves when it answers. Rejects with the end of its log if it does not. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { form } = options;
  const home = options.home ?? (await temporaryHome());
  const port = options.port ?? (await freePort());
  const log = join(home, `${form}.log`);
  const child = await launch(options, { home, port, log });
  await noteLaunched(child);
  const ended = once(child, 'exit').then(([code, signal]) =>
    typeof code === 'number' ? code : signal === null ? -1 : 128,
  );
  const origin = originAt(port);
  const registry = {
    origin,
    home,
    log,
    pid: child.pid ?? -1,
    ended,
    stop: () => stop(child, ended),
    discard: () => rm(home, { recursive: true, force: true }),
  };
  await Promise.race([
    untilItAnswers(() => (options.answers ?? answersPlainly)(port), startMs[form]),
    ended.then(async (code) => {
      throw new Error(`${form} ended with exit code ${code} before it was ready:\n${await tail(log)}`);
    }),
  ]).catch(async (error: unknown) => {
    await stop(child, ended);
    throw error;
  });
  return registry;
}

const originAt = (port: number): string => `http://127.0.0.1:${port}`;

async function launch(
  options: RegistryOptions,
  place: { home: string; port: number; log: string },
): Promise<ChildProcess> {
  const configured = options.configuration === undefined ? [] : ['--config', join(place.home, 'config.yml')];
  const [, file] = configured;
  if (options.configuration !== undefined && file !== undefined)
    await writeFile(file, await options.configuration(place.home, originAt(place.port)));
  const output = await open(place.log, 'a');
  try {
    return spawn(process.execPath, [join(workspace, 'tools/run.mjs'), scripts[options.form], ...configured], {
      cwd: workspace,
      // A separate process group, so that no process outlives a failed suite.
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: {
        ...process.env,
        LONGSHORE_HOME: place.home,
        REGISTRY_HTTP_ADDR: `127.0.0.1:${place.port}`,
        ...options.environment,
      },
    });
  } finally {
    await output.close();
  }
}

/** A suite that starts registries may be ended by its time limit. Then the runner stops its registries. */
async function noteLaunched({ pid }: ChildProcess): Promise<void> {
  const suiteHome = process.env['E2E_HOME'];
  if (suiteHome !== undefined && suiteHome !== '') await appendFile(join(suiteHome, 'launched'), `${pid}\n`);
}

/** Stops the launchers that a suite has left running. */
export async function stopLaunched(suiteHome: string): Promise<void> {
  const noted = await readFile(join(suiteHome, 'launched'), 'utf8').catch(() => '');
  for (const pid of noted.split('\n').filter((line) => line !== '')) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    // Another process may have the pid by now.
    if (commandLine.includes('tools/run.mjs')) process.kill(Number(pid), 'SIGTERM');
  }
}

async function answersPlainly(port: number): Promise<boolean> {
  const answer = await fetch(`${originAt(port)}/v2/`).catch(() => undefined);
  return answer?.status === 200 || answer?.status === 401;
}

async function untilItAnswers(answers: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await answers()) return;
    await sleep(100);
  }
  throw new Error(`it did not answer within ${withinMs / 1000} s`);
}

async function stop(child: ChildProcess, ended: Promise<number>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const timely = await Promise.race([ended.then(() => true), sleep(60_000, false, { ref: false })]);
  killGroup(child);
  if (!timely) throw new Error('the registry did not stop within 60 s of SIGTERM');
}

/** Kills the remaining processes of a registry. Usually the group is empty. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Returns the last lines of a log, without the access log, which is most of it. */
export async function tail(log: string, lines = 60): Promise<string> {
  const all = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const telling = all.filter((line) => !/level=(?:info|debug)/.test(line));
  return telling
    .slice(-lines)
    .map((line) => line.slice(0, 500))
    .join('\n');
}

/** Creates a home, below that of the calling suite if there is one. Everyone may traverse it, since Postgres runs as another user under root. */
export async function temporaryHome(): Promise<string> {
  const suiteHome = process.env['E2E_HOME'] ?? '';
  const home = await mkdtemp(join(suiteHome === '' ? tmpdir() : suiteHome, 'longshore-e2e-'));
  await chmod(home, 0o755);
  return home;
}
