import { randomUUID } from 'node:crypto';

/** How long a writer may be silent before another request may claim its session. Seconds. */
export const leaseSeconds = 15;

/**
 * One request's hold on an upload session. While it lives the lease is renewed; when a renewal finds the session gone or taken,
 * the signal stops the write at once: nobody but the holder may touch the session's bytes (docs/protocol, rule 8).
 */
export class WriterLease implements AsyncDisposable {
  readonly writer: string;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #expiry = Date.now() + leaseSeconds * 1000;
  #renewing: Promise<void> = Promise.resolve();

  /** @param renew extends the lease; false when the session is no longer ours */
  constructor(writer: string, renew: (writer: string) => Promise<boolean>) {
    this.writer = writer;
    this.#timer = setInterval(
      () => {
        // A renewal that hangs says nothing, and the session is open to others all the same once the lease is over.
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
      // The database may be away for a moment; writing goes on until the lease itself is nearly over.
      if (this.#nearlyOver) this.#lost.abort(new LeaseLost({ cause: fault }));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }
}

/** The session was cancelled, expired, or taken over while its bytes were still arriving; with a cause: it is not known, and soon may be. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  constructor(options?: ErrorOptions) {
    super('the upload session is no longer held by this request', options);
  }
}
