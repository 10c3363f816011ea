export interface Entry {
  readonly signal?: AbortSignal | undefined;
  /** How many lanes it takes; with more than there are it goes alone. One unless told. */
  readonly width?: number;
  /** When it goes in, lane or no lane; it waits for as long as it takes unless told. */
  readonly patience?: Patience;
}

export interface Patience {
  readonly milliseconds: number;
  /** Asked behind each such time, until it says so. */
  hasEnd(): boolean;
}

interface Waiting {
  readonly width: number;
  admit(): void;
}

/** Lets so many in at once; the others wait in the order in which they came. */
export class Lanes {
  readonly #lanes: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  /** More than there are, when patience has ended. */
  get taken(): number {
    return this.#taken;
  }

  /** @throws the signal's reason when it is aborted before it is in */
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

  /** @param width as it entered */
  leave(width = 1): void {
    this.#taken -= width;
    this.#admitNext();
  }

  #fits(width: number): boolean {
    return this.#taken === 0 || this.#taken + width <= this.#lanes;
  }

  #admitNext(): void {
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.width)) return;
      waiting.admit();
    }
  }
}
