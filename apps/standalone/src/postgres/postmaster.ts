import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BoundedLog } from './bounded-log.ts';
import { readPidFile } from './pid-file.ts';
import type { Runner } from './unprivileged.ts';

/** Milliseconds. Recovery after a crash replays up to a gigabyte of WAL. */
const readyMs = 600_000;
const fastMs = 60_000;

/** The parameters of one process of the server. */
export interface Launch {
  readonly runner: Runner;
  readonly program: string;
  readonly data: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: BoundedLog;
}

/** One run of the server, in a session of its own: Ctrl-C in the terminal reaches only the registry, which stops the server last. */
export class Postmaster {
  /** Resolves with the cause when the server has ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** Resolves when the server accepts connections. @throws Error with the server's message if it does not get so far */
  static async start({ runner, program, data, settings, log }: Launch): Promise<Postmaster> {
    const output = log.open();
    const offset = await log.size();
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = runner.spawn(program, ['-D', data, ...options], output.descriptor);
    output.close();
    const postmaster = new Postmaster(child);
    const ready = new AbortController();
    const cause = await Promise.race([postmaster.ended, postmaster.#untilReady(data, ready.signal)]).finally(
      () => ready.abort(),
    );
    if (cause === undefined) return postmaster;
    await postmaster.stop();
    throw new Error(`Postgres did not start (${cause}): ${reasonIn(await log.since(offset))}`);
  }

  /** Waits at most a minute for the clients' statements to end. */
  async stop(): Promise<void> {
    const deadline = setTimeout(() => this.#child.kill('SIGQUIT'), fastMs);
    this.#child.kill('SIGINT');
    await this.ended;
    clearTimeout(deadline);
  }

  async #untilReady(data: string, signal: AbortSignal): Promise<string | undefined> {
    const deadline = performance.now() + readyMs;
    while (!signal.aborted && performance.now() < deadline) {
      const file = await readPidFile(data);
      if (file?.pid === this.#child.pid && file?.status === 'ready') return undefined;
      await sleep(25);
    }
    return `not ready within ${readyMs / 1000} s`;
  }
}

/** Returns the server's message: the fatal line with its hint, or the last lines. */
function reasonIn(log: string): string {
  const lines = log.trim().split('\n');
  const telling = lines.filter((line) =>
    /\b(?:FATAL|PANIC|HINT|LOG: {2}(?:syntax error|could not)|could not)\b/.test(line),
  );
  return (telling.length > 0 ? telling : lines)
    .slice(-4)
    .map((line) => line.replace(/^\S+ \S+ \S+ \[\d+\] /, ''))
    .join('; ');
}
