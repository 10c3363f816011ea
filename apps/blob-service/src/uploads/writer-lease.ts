import { randomUUID } from 'node:crypto';

/** Seconds without a renewal after which another request may claim the session. */
export const leaseSeconds = 15;

/**
 * The lease of one request on an upload session. It is renewed while the request runs. When a renewal finds the session gone or taken, the signal
 * stops the write at once: only the holder may touch the session's bytes (docs/protocol, rule 8).
 */
export class WriterLease implements AsyncDisposable {
  readonly writer: string;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #expiry = Date.now() + leaseSeconds * 1000;
  #renewing: Promise<void> = Promise.resolve();

  /** @param renew extends the lease; returns false if another writer has the session, or it is gone */
  constructor(writer: string, renew: (writer: string) => Promise<boolean>) {
    this.writer = writer;
    this.#timer = setInterval(
      () => {
        // A renewal may hang, but other requests may claim the session once the lease is over.
        if (this.#nearlyOver)
          this.#lost.abort(new LeaseLost({ cause: new Error('no renewal was answered in time') }));
        else this.#renewing = this.#extend(renew);
      },
      (leaseSeconds * 1000) / 5,
    );
  }

  static newWriter(): string {
    return randomUUID();
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get #nearlyOver(): boolean {
    return Date.now() > this.#expiry - leaseSeconds * 300;
  }

  async #extend(renew: (writer: string) => Promise<boolean>): Promise<void> {
    const began = Date.now();
    try {
      if (await renew(this.writer)) this.#expiry = began + leaseSeconds * 1000;
      else this.#lost.abort(new LeaseLost());
    } catch (fault) {
      // The database may be unavailable for a moment. Continue writing until the lease is nearly over.
      if (this.#nearlyOver) this.#lost.abort(new LeaseLost({ cause: fault }));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }
}

/** The session was cancelled, expired, or taken over while its bytes were arriving. With a cause, the state of the session is unknown. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  constructor(options?: ErrorOptions) {
    super('the upload session is no longer held by this request', options);
  }
}
