/** The next chunk of a source, its end, or the failure that interrupted it. */
export type NextChunk = IteratorResult<Uint8Array, unknown> | { readonly interrupted: unknown };

/**
 * Asks a source for one chunk at a time. An aborted signal ends the wait with its reason, even while the source is silent. The signal reaches only
 * the current wait: Promise.race would keep every chunk alive as long as the signal.
 */
export class ChunkReader implements Disposable {
  readonly #source: AsyncIterator<Uint8Array, unknown>;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = (): void => this.#endWait?.(this.#signal?.reason);
  #endWait: ((reason: unknown) => void) | undefined;

  constructor(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    this.#source = source[Symbol.asyncIterator]();
    this.#signal = signal;
    signal?.addEventListener('abort', this.#aborted);
  }

  /** Returns the next chunk, the end, or the source's failure. @throws only the signal's reason */
  next(): Promise<NextChunk> {
    const signal = this.#signal;
    if (signal === undefined) return this.#source.next().catch(interruption);
    return new Promise((resolve, reject) => {
      this.#endWait = reject;
      signal.throwIfAborted();
      this.#source.next().then(resolve, (error: unknown) => resolve(interruption(error)));
    });
  }

  /** Tells the source to stop. Not awaited: a source stuck in `next` would block the caller, and its error is of no use here. */
  stop(): void {
    this.#source.return?.().catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener('abort', this.#aborted);
  }
}

function interruption(error: unknown): NextChunk {
  return { interrupted: error ?? new Error('the source failed without saying why') };
}
