import type { IncomingMessage } from 'node:http';
import type { Replica } from './upstreams.ts';

/** The replica of a request answers no requests at all. */
class ReplicaHangs extends Error {
  override readonly name = 'ReplicaHangs';
  constructor(origin: string) {
    super(`blob-service at ${origin} does not answer`);
  }
}

/** One request to one replica, until the head of its answer arrives. Measures how long it waits for the replica, excluding waits for the client. */
export class Attempt {
  readonly replica: Replica;
  /** True if the request may be sent to another replica. */
  readonly isMovable: boolean;
  readonly #abort = new AbortController();
  #waitingSince: number | undefined = performance.now();

  constructor(replica: Replica, { isMovable }: { isMovable: boolean }) {
    this.replica = replica;
    this.isMovable = isMovable;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Returns the milliseconds that it has waited for the replica; 0 while it waits for the client. */
  waited(now: number): number {
    return this.#waitingSince === undefined ? 0 : now - this.#waitingSince;
  }

  giveUp(): void {
    this.#abort.abort(new ReplicaHangs(this.replica.origin));
  }

  /**
   * Returns the body for the replica. undici destroys a stream that it could not send completely, which would close the client's connection before
   * the client has its answer. Leaving this loop early only stops reading.
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
