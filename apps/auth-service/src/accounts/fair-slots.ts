import { unavailable } from '@longshore/oci';
import { FairQueue } from './fair-queue.ts';

interface Waiting {
  readonly start: () => void;
  readonly reject: (error: unknown) => void;
}

/** Runs a bounded number of works at a time. The others wait in a fair queue; when it is full, the flow with the most loses its last one. */
export class FairSlots {
  readonly #maximum: number;
  readonly #queue: FairQueue<Waiting>;
  #running = 0;

  constructor({ slots, queue }: { readonly slots: number; readonly queue: number }) {
    this.#maximum = slots;
    this.#queue = new FairQueue(queue);
  }

  /** @throws OciError UNAVAILABLE if too many wait; and what the work throws */
  async run<T>(flows: readonly string[], work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve, reject) => {
      this.#queue
        .push({ start: resolve, reject }, flows)
        ?.reject(unavailable({ reason: 'too many logins at once' }, 1));
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #next(): void {
    const waiting = this.#running < this.#maximum ? this.#queue.shift() : undefined;
    if (waiting === undefined) return;
    this.#running++;
    waiting.start();
  }
}
