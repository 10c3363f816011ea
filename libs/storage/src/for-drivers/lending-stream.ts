import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { LendingReadable } from '../lending-readable.ts';

export interface Loan {
  readonly bytes: Uint8Array;
  /** Takes the memory back. Not called when the loan ended with a failure: somebody may still look at the bytes. */
  back(): void;
}

/** What streams that lend have in common: bytes leave them in one way only, and while one loan is out the next one is prepared. */
export abstract class LendingStream extends Readable implements LendingReadable {
  /** How its bytes leave, from the first one on: only one way at a time knows which come next. */
  #way: 'given' | 'lent' | undefined;
  #endLoan: ((error: Error) => void) | undefined;

  async lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    if (this.#way !== undefined) throw new Error('the stream is being read already');
    this.#way = 'lent';
    // Our caller is told by the rejection.
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

  /** Whether the next loan is prepared while one is out, which takes twice the memory. */
  protected get isPreparing(): boolean {
    return true;
  }

  /** As `_read`, of a stream that is not lent. */
  protected abstract giveNext(): void;

  /** Undefined at the end. Asked for the next one while the one before is out, and once the stream is destroyed perhaps never settled. */
  protected abstract lendNext(): Promise<Loan | undefined>;

  /** As `_destroy`. */
  protected abstract letGo(error: Error | null, callback: (error?: Error | null) => void): void;

  async #lendAll(use: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    let coming = this.#unlessDestroyed(this.lendNext());
    for (;;) {
      const loan = await coming;
      if (loan === undefined) return;
      const next = this.isPreparing ? this.lendNext() : undefined;
      // Its failure is met in the next round, not by the process.
      next?.catch(() => undefined);
      await this.#unlessDestroyed(use(loan.bytes));
      loan.back();
      coming = this.#unlessDestroyed(next ?? this.lendNext());
    }
  }

  /** A promise that is raced with each loan would remember all of them: here the stream's end only reaches the current one. */
  #unlessDestroyed<T>(awaited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#endLoan = reject;
      if (this.destroyed) reject(this.errored ?? new Error('the stream was closed before its end'));
      awaited.then(resolve, reject);
    });
  }
}
