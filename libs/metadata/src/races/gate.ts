import type { Statement } from '../connections.ts';

/** Stops a pool before one of its statements until it is opened. Race tests use it to interleave two steps at an exact place, without sleeping. */
export class Gate {
  #seen = 0;
  #stopBefore = Number.POSITIVE_INFINITY;
  #reached = Promise.withResolvers<'reached'>();
  #opened = Promise.withResolvers<void>();
  readonly #connections = new Set<number>();

  /** For `beforeStatement`. */
  readonly pass = async ({ connection, text }: Statement): Promise<void> => {
    this.#connections.add(connection);
    // This statement reads and locks nothing, so stopping before it equals stopping before the next one.
    if (text.startsWith('start transaction')) return;
    this.#seen += 1;
    if (this.#seen !== this.#stopBefore) return;
    this.#reached.resolve('reached');
    await this.#opened.promise;
  };

  /** Restarts the count and stops before the nth statement; 1 is the first. */
  close(n: number): void {
    this.#seen = 0;
    this.#stopBefore = n;
    this.#reached = Promise.withResolvers();
    this.#opened = Promise.withResolvers();
  }

  get reached(): Promise<'reached'> {
    return this.#reached.promise;
  }

  /** Backends that this pool has used so far. */
  get connections(): readonly number[] {
    return [...this.#connections];
  }

  open(): void {
    this.#stopBefore = Number.POSITIVE_INFINITY;
    this.#opened.resolve();
  }
}
