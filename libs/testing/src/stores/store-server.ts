import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerProcess } from './process/server-process.ts';

/** The controls of a storage server in tests. `await using` stops it at the end of the block. */
export interface StoreServer extends AsyncDisposable {
  /** Id of the process that clients connect to; 0 while it does not run. */
  readonly pid: number;
  /** Stops the process at once: connections stay open, and nothing answers, until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends SIGKILL. The stored data stays. */
  kill(): Promise<void>;
  /** Starts the server again on the same port and data, after a SIGTERM if it runs. Resolves when it is ready. */
  restart(): Promise<void>;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

/** The content of a bucket or a container, by name. */
export interface StoreContents {
  readonly objects: readonly string[];
  /** Unfinished uploads, if the store has such a thing. */
  readonly uploads: readonly string[];
}

/** Creates a new folder for one server's data and logs. */
export function makeHome(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `longshore-${name}-`));
}

/** The processes of one storage server, in the order of their start. Clients connect to the last. */
export class StoreProcesses implements StoreServer {
  readonly #home: string;
  readonly #processes: readonly ServerProcess[];

  constructor(home: string, processes: readonly ServerProcess[]) {
    this.#home = home;
    this.#processes = processes;
  }

  get pid(): number {
    return this.#processes.at(-1)?.pid ?? 0;
  }

  /**
   * Starts all processes, and adds the result of `setUp`: the parameters of a client. If a process does not start or `setUp` fails, it stops
   * everything and rejects.
   */
  async start<Access extends object>(setUp: () => Promise<Access>): Promise<this & Access> {
    try {
      await this.#startAll();
      return Object.assign(this, await setUp());
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  pause(): void {
    for (const server of this.#processes) server.pause();
  }

  resume(): void {
    for (const server of this.#processes) server.resume();
  }

  async kill(): Promise<void> {
    await Promise.all(this.#processes.map((server) => server.kill()));
  }

  async restart(): Promise<void> {
    await Promise.all(this.#processes.map((server) => server.terminate()));
    await this.#startAll();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#home, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Waits for all processes, even if one has failed: a process that is still starting could not be stopped. */
  async #startAll(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#processes.map((server) => server.start()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
