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
  #renewing: Promise<void> = Promise.resolve();

  /** @param renew extends the lease; false when the session is no longer ours */
  constructor(writer: string, renew: (writer: string) => Promise<boolean>) {
    this.writer = writer;
    let expiry = Date.now() + leaseSeconds * 1000;
    this.#timer = setInterval(
      () => {
        const began = Date.now();
        this.#renewing = renew(writer).then(
          (held) => {
            if (held) expiry = began + leaseSeconds * 1000;
            else this.#lost.abort(new LeaseLost());
          },
          (fault: unknown) => {
            // The database may be away for a moment; writing goes on until the lease itself is nearly over.
            if (Date.now() > expiry - leaseSeconds * 300) this.#lost.abort(new LeaseLost({ cause: fault }));
          },
        );
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

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }
}

/** The session was cancelled, expired, or taken over while its bytes were still arriving. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  constructor(options?: ErrorOptions) {
    super('the upload session is no longer held by this request', options);
  }
}
