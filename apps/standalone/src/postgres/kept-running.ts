import { setTimeout as sleep } from 'node:timers/promises';

/** A process or server that runs until it ends or is stopped. */
export interface Running {
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface KeptRunningOptions {
  readonly name: string;
  readonly start: () => Promise<Running>;
  readonly say: (message: string) => void;
  /** Milliseconds since the first failure until it is given up. A run of this length counts as healthy. */
  readonly patience: number;
}

const shortestPause = 250;
const longestPause = 15_000;

/** Restarts a process that ended unexpectedly, with growing pauses, and gives up when that has failed for too long. */
export class KeptRunning {
  /** Resolves with the last reason when the process is given up. Never resolves after `stop`. */
  readonly lost: Promise<Error>;
  readonly #options: KeptRunningOptions;
  readonly #stopping = new AbortController();
  #current: Running;
  readonly #loop: Promise<void>;

  private constructor(options: KeptRunningOptions, first: Running) {
    this.#options = options;
    this.#current = first;
    const lost = Promise.withResolvers<Error>();
    this.lost = lost.promise;
    this.#loop = this.#keep(lost.resolve);
  }

  /** @throws the error of the first start, which is not retried, since a user is watching */
  static async start(options: KeptRunningOptions): Promise<KeptRunning> {
    return new KeptRunning(options, await options.start());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#current.stop();
    await this.#loop;
  }

  async #keep(giveUp: (reason: Error) => void): Promise<void> {
    const { name, say, patience } = this.#options;
    let run: Run = await this.#toItsEnd(performance.now());
    let failingSince = performance.now();
    let pause = shortestPause;
    while (!this.#stopping.signal.aborted) {
      if (run.lasted > patience) {
        failingSince = performance.now();
        pause = shortestPause;
      }
      if (performance.now() - failingSince > patience) {
        giveUp(new Error(`${name} ended, and could not be started again: ${run.reason}`));
        return;
      }
      say(`${name} is away (${run.reason}); starting it again in ${pause} ms`);
      run = await this.#runAfter(pause);
      pause = Math.min(pause * 2, longestPause);
    }
  }

  async #runAfter(pause: number): Promise<Run> {
    const { name, start, say } = this.#options;
    const { signal } = this.#stopping;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { reason: 'stopped', lasted: 0 };
    try {
      this.#current = await start();
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), lasted: 0 };
    }
    // `stop` was called during the start.
    if (signal.aborted) await this.#current.stop();
    else say(`${name} runs again`);
    return this.#toItsEnd(performance.now());
  }

  async #toItsEnd(began: number): Promise<Run> {
    const reason = await this.#current.ended;
    return { reason, lasted: performance.now() - began };
  }
}

/** The end of one run. */
interface Run {
  readonly reason: string;
  /** Milliseconds that it ran; 0 if it never ran. */
  readonly lasted: number;
}
