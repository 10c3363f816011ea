export interface Entry {
  readonly signal?: AbortSignal | undefined;
  /** Permits to take; 1 by default. An entry wider than the limit waits until it is alone. */
  readonly width?: number;
  /** When to enter without a permit. By default an entry waits for as long as it takes. */
  readonly patience?: Patience;
}

export interface Patience {
  readonly milliseconds: number;
  /** Called after each such interval; returns true to end the wait. */
  hasEnd(): boolean;
}

interface Waiting {
  readonly width: number;
  admit(): void;
}

/** A counting semaphore. It admits entries up to a limit; the others wait in the order of arrival. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Permits in use. More than the limit if the patience of a waiter has ended. */
  get taken(): number {
    return this.#taken;
  }

  /** Waits for permits. @throws the signal's reason if it is aborted while waiting */
  async enter({ signal, width = 1, patience }: Entry = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.size === 0 && this.#fits(width)) {
      this.#taken += width;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const letGo = (): void => {
        clearInterval(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#waiting.delete(waiting);
      };
      const admit = (): void => {
        letGo();
        this.#taken += width;
        resolve();
      };
      const giveUp = (): void => {
        letGo();
        reject(signal?.reason);
        this.#admitNext();
      };
      const waiting = { width, admit };
      const timer = patience && setInterval(() => patience.hasEnd() && admit(), patience.milliseconds);
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Returns the permits. @param width the same as on entry */
  leave(width = 1): void {
    this.#taken -= width;
    this.#admitNext();
  }

  #fits(width: number): boolean {
    return this.#taken === 0 || this.#taken + width <= this.#limit;
  }

  #admitNext(): void {
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.width)) return;
      waiting.admit();
    }
  }
}
