import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { eventually } from '../../eventually.ts';
import { findProgram } from '../../programs.ts';
import { isRunning } from './is-running.ts';

export interface ServerCommand {
  readonly program: string;
  readonly options: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Path of the output. Every start appends to it. */
  readonly log: string;
  /** Rejects while the server is not ready. */
  readonly ready: () => Promise<void>;
  readonly readyWithinMs?: number;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a server program in the background. It ends with this process: on Linux in any case, elsewhere if this process exits normally. */
export class ServerProcess {
  readonly #command: ServerCommand;
  #child: ChildProcess | undefined;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the program. Resolves when it is ready. Rejects with the end of its log if it exits first or takes too long; it does not run then. */
  async start(): Promise<void> {
    const { program, options, environment, log, ready, readyWithinMs = 30_000 } = this.#command;
    const output = await open(log, 'a');
    const mortal = withParent(program, options);
    const child = spawn(mortal.program, mortal.options, {
      stdio: ['ignore', output.fd, output.fd],
      // All servers are on the loopback interface, so a proxy of the machine must not be used.
      env: { ...process.env, NO_PROXY: '*', no_proxy: '*', ...environment },
    });
    await output.close();
    this.#child = child;
    running.add(child);
    child.once('exit', () => this.#forget(child));
    child.once('error', () => this.#forget(child));
    try {
      const whileItRuns = () => (this.#child === child ? ready() : undefined);
      await Promise.race([eventually(whileItRuns, readyWithinMs), endOf(child)]);
    } catch (error) {
      await this.kill();
      throw new Error(`${basename(program)} did not start; the end of its log:\n${await this.#logTail()}`, {
        cause: error,
      });
    }
  }

  /** Stops the process at once: its sockets stay open, and nothing answers, until `resume`. */
  pause(): void {
    const { pid } = this;
    this.#child?.kill('SIGSTOP');
    // The signal is asynchronous: until it has arrived, another thread may still answer.
    while (isRunning(pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Sends SIGTERM, and SIGKILL if the process has not ended after `withinMs`. */
  async terminate(withinMs = 10_000): Promise<void> {
    this.resume();
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), withinMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #forget(child: ChildProcess): void {
    running.delete(child);
    if (this.#child === child) this.#child = undefined;
  }

  async #logTail(): Promise<string> {
    const text = await readFile(this.#command.log, 'utf8');
    return text.trimEnd().split('\n').slice(-20).join('\n');
  }
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`ended with ${signal ?? `exit code ${code}`}`);
}

/** Returns a command that ends with its parent, if the system has one. It keeps the program's process id. */
function withParent(program: string, options: readonly string[]) {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  return setpriv === undefined
    ? { program, options }
    : { program: setpriv, options: ['--pdeathsig', 'KILL', '--', program, ...options] };
}
