import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Command {
  /** Name in the output of `ps`. */
  readonly name: string;
  readonly program: string;
  readonly options: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Passes only `environment` and the PATH, without the registry's settings and secrets that we were started with. */
  readonly confined?: true;
  /** Prefix of each output line. */
  readonly label: string;
}

/** Learns of each start and each end of a process. */
export interface Watcher {
  started?(): void;
  /** `code` is null if a signal ended it. */
  ended?(code: number | null): void;
}

const shortestPauseMs = 200;
const longestPauseMs = 10_000;
/** Milliseconds. A process that ran this long has started well, and its next restart waits the shortest pause again. */
const settledMs = 20_000;
/** Milliseconds. Services drain accepted requests; this is longer than their own drain limit. */
const stopMs = 45_000;

/** A process that is restarted whenever it ends, after a pause that doubles, until it is stopped. */
export class Supervised {
  readonly command: Command;
  readonly #watcher: Watcher;
  readonly #stop = new AbortController();
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(command: Command, watcher: Watcher = {}) {
    this.command = command;
    this.#watcher = watcher;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.#ended = this.#keep();
  }

  /** Sends SIGTERM, then SIGKILL if the process does not end. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => {
      console.error(`${this.command.label} does not end; killing it`);
      this.#child?.kill('SIGKILL');
    }, stopMs);
    await this.#ended;
    clearTimeout(timer);
  }

  async #keep(): Promise<void> {
    let pause = shortestPauseMs;
    while (!this.#stop.signal.aborted) {
      const begun = performance.now();
      const cause = await this.#run();
      if (this.#stop.signal.aborted) return;
      if (performance.now() - begun > settledMs) pause = shortestPauseMs;
      console.error(`${this.command.label} ended (${cause}); starting it again in ${pause} ms`);
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, longestPauseMs);
    }
  }

  #run(): Promise<string> {
    const { name, program, options, environment, label, confined } = this.command;
    // In its own session, so that a terminal's Ctrl-C reaches only the launcher, which stops everything in order.
    const child = spawn(program, options, {
      argv0: name,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...(confined === true ? { PATH: process.env['PATH'] } : process.env), ...environment },
    });
    this.#child = child;
    labelLines(child.stdout, label, process.stdout);
    labelLines(child.stderr, label, process.stderr);
    return new Promise((resolve) => {
      child.once('spawn', () => this.#watcher.started?.());
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        this.#watcher.ended?.(code);
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }
}

function labelLines(source: Readable, label: string, sink: NodeJS.WritableStream): void {
  createInterface({ input: source }).on('line', (line) => sink.write(`${label} | ${line}\n`));
}
