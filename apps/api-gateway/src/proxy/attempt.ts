import type { IncomingMessage } from 'node:http';

/** The replica that a request was sent to does not answer anybody. */
class ReplicaHangs extends Error {
  override readonly name = 'ReplicaHangs';
  constructor(origin: string) {
    super(`blob-service at ${origin} does not answer`);
  }
}

/** One request on its way to one replica, until the head of the answer is there: since when it waits for the replica, not for the client. */
export class Attempt {
  readonly origin: string;
  /** Whether another replica may be asked the same. */
  readonly isMovable: boolean;
  readonly #abort = new AbortController();
  #waitingSince: number | undefined = performance.now();

  constructor(origin: string, { isMovable }: { isMovable: boolean }) {
    this.origin = origin;
    this.isMovable = isMovable;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Milliseconds that it has waited for the replica; 0 while it waits for the client. */
  waited(now: number): number {
    return this.#waitingSince === undefined ? 0 : now - this.#waitingSince;
  }

  giveUp(): void {
    this.#abort.abort(new ReplicaHangs(this.origin));
  }

  /**
   * The body as the replica gets it. undici destroys a stream that it could not send whole, and the client's connection would go with it before
   * the client has its answer. A loop that is left early only stops reading.
   */
  async *chunksOf(body: IncomingMessage): AsyncGenerator<Uint8Array> {
    this.#waitingSince = undefined;
    try {
      for await (const chunk of body.iterator({ destroyOnReturn: false })) {
        this.#waitingSince = performance.now();
        yield chunk;
        this.#waitingSince = undefined;
      }
    } finally {
      this.#waitingSince = performance.now();
    }
  }
}
