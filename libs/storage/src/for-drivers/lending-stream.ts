import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { LendingReadable } from '../lending-readable.ts';

export interface Loan {
  readonly bytes: Uint8Array;
  /** Takes the memory back. Not called after a failed loan: its user may still read the bytes. */
  back(): void;
}

/** Base of streams that lend their chunks. A stream is either read or lent, never both. While one loan is out, the next one is prepared. */
export abstract class LendingStream extends Readable implements LendingReadable {
  /** Whether the stream is read or lent. The first use decides: the two would take each other's chunks. */
  #way: 'given' | 'lent' | undefined;
  #endLoan: ((error: Error) => void) | undefined;

  async lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    if (this.#way !== undefined) throw new Error('the stream is being read already');
    this.#way = 'lent';
    // The caller gets the error as a rejection.
    this.on('error', () => undefined);
    try {
      await this.#lendAll(use);
      this.push(null);
      await finished(this.resume());
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      throw this.errored ?? error;
    }
  }

  override _read(): void {
    if (this.#way === 'lent') {
      this.destroy(new Error('the stream is lent already'));
      return;
    }
    this.#way = 'given';
    this.giveNext();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#endLoan?.(error ?? new Error('the stream was closed before its end'));
    this.letGo(error, callback);
  }

  /** Whether to prepare the next loan while one is out, which takes twice the memory. */
  protected get isPreparing(): boolean {
    return true;
  }

  /** Acts as `_read` while the stream is read rather than lent. */
  protected abstract giveNext(): void;

  /**
   * Returns the next loan, or undefined at the end. Called while the loan before is out. After the stream is destroyed the promise may never settle.
   */
  protected abstract lendNext(): Promise<Loan | undefined>;

  /** Acts as `_destroy`. */
  protected abstract letGo(error: Error | null, callback: (error?: Error | null) => void): void;

  async #lendAll(use: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    let coming = this.#unlessDestroyed(this.lendNext());
    for (;;) {
      const loan = await coming;
      if (loan === undefined) return;
      const next = this.isPreparing ? this.lendNext() : undefined;
      // The next round awaits it and reports the failure; without this handler it would be an unhandled rejection.
      next?.catch(() => undefined);
      await this.#unlessDestroyed(use(loan.bytes));
      loan.back();
      coming = this.#unlessDestroyed(next ?? this.lendNext());
    }
  }

  /**
   * Rejects when the stream is destroyed. The stream's end reaches only the current wait: one promise raced with every loan would retain them all.
   */
  #unlessDestroyed<T>(awaited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#endLoan = reject;
      if (this.destroyed) reject(this.errored ?? new Error('the stream was closed before its end'));
      awaited.then(resolve, reject);
    });
  }
}
