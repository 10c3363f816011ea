import type { Readable } from 'node:stream';
import { DirectBody } from './direct-body.ts';
import { type ByteRange, freeChunk, LendingStream, type Loan, StorageError } from '@longshore/storage';

export interface ReadPlan extends ByteRange {
  readonly driver: string;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  /**
   * Opens the object again at a position (up to `behind`, exclusive), only if it is still the same object.
   * @throws StorageError; 'corrupt' if the object was replaced
   */
  readonly reopen: (start: number) => Promise<Readable>;
}

/** Times in a row that a body may break without a byte in between. */
const patience = 5;
/** Bytes waiting for their reader at which the store's answer is paused. */
const aheadBytes = 256 * 1024;

/**
 * Streams a range of an object. If the store's answer breaks off, or is cut because the reader is slow, it continues there. It ends when all bytes
 * have arrived and fails otherwise: it never ends short, and never with another object's bytes.
 */
export class ResumingReadable extends LendingStream {
  readonly #plan: ReadPlan;
  #position: number;
  #body: Readable | undefined;
  #breaks = 0;
  #isOpening = false;
  /** The loans that have arrived and are not lent yet; undefined if the stream is not lent. */
  #waiting: Loan[] | undefined;
  #arrived: (() => void) | undefined;
  #isDirect = false;
  readonly #abort = (): void => {
    const { reason } = this.#plan.signal ?? {};
    this.destroy(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
  };

  constructor(body: Readable, plan: ReadPlan) {
    super({ highWaterMark: aheadBytes });
    this.#plan = plan;
    this.#position = plan.start;
    this.#listen(body);
    plan.signal?.addEventListener('abort', this.#abort, { once: true });
    if (plan.signal?.aborted === true) this.#abort();
  }

  protected override giveNext(): void {
    if (this.#position === this.#plan.behind) {
      this.#letEnd();
      this.push(null);
    } else this.#goOn();
  }

  protected override async lendNext(): Promise<Loan | undefined> {
    this.#waiting ??= [];
    this.#takeDirectly();
    if (this.#wantsMore()) this.#goOn();
    while (this.#waiting.length === 0 && this.#position < this.#plan.behind) {
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
    return this.#waiting.shift();
  }

  protected override letGo(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#plan.signal?.removeEventListener('abort', this.#abort);
    this.#drop();
    callback(error);
  }

  #goOn(): void {
    if (this.#isDirect) return;
    if (this.#body !== undefined) this.#body.resume();
    else if (!this.#isOpening && this.#position < this.#plan.behind) void this.#reopen();
  }

  #wantsMore(): boolean {
    const waiting = this.#waiting?.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    return (waiting ?? this.readableLength) < aheadBytes;
  }

  #listen(body: Readable): void {
    this.#body = body;
    body.pause();
    body.on('data', (chunk: Buffer) => {
      if (this.#body === body) this.#take({ bytes: chunk, back: () => freeChunk(chunk) });
    });
    const broken = (error?: Error): void => {
      if (this.#body === body) this.#break(error);
    };
    body.on('error', broken);
    body.on('end', broken);
    body.on('close', broken);
  }

  /** Switches to direct reads if much of the body is left. Bytes that arrived before are lent first. */
  #takeDirectly(): void {
    const body = this.#body;
    if (this.#isDirect) return;
    this.#isDirect = DirectBody.take(body, this.#plan.behind - this.#position, (loan) => {
      if (this.#body === body) this.#take(loan);
    });
  }

  #take(loan: Loan): void {
    const { behind, driver, key } = this.#plan;
    this.#position += loan.bytes.byteLength;
    this.#breaks = 0;
    if (this.#position > behind) {
      this.destroy(
        new StorageError('corrupt', { driver, key, reason: 'the store sent more than was asked for' }),
      );
      return;
    }
    if (this.#waiting === undefined) this.push(loan.bytes);
    else this.#waiting.push(loan);
    if (this.#position < behind) {
      if (!this.#isDirect && !this.#wantsMore()) this.#body?.pause();
    } else {
      this.#letEnd();
      if (this.#waiting === undefined) this.push(null);
    }
    this.#arrived?.();
  }

  #break(error: Error | undefined): void {
    this.#drop();
    const { driver, key, behind } = this.#plan;
    this.#breaks++;
    if (this.#breaks > patience) {
      const reason = `the answer breaks off at ${this.#position}, before ${behind}`;
      this.destroy(new StorageError('unavailable', { driver, key, reason, cause: error }));
    } else if (this.#wantsMore()) void this.#reopen();
  }

  async #reopen(): Promise<void> {
    this.#isOpening = true;
    try {
      const body = await this.#plan.reopen(this.#position);
      if (this.destroyed) body.on('error', () => undefined).destroy();
      else {
        this.#listen(body);
        body.resume();
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isOpening = false;
    }
  }

  /** Lets the body end. Destroying it before its end would close its connection, which other requests can reuse. */
  #letEnd(): void {
    if (this.#isDirect) {
      this.#drop();
      return;
    }
    const body = this.#body;
    this.#body = undefined;
    body?.on('error', () => undefined).resume();
  }

  /** Destroys the body. Later errors of it do not matter, but without a listener they would end the process. */
  #drop(): void {
    const body = this.#body;
    this.#body = undefined;
    this.#isDirect = false;
    body?.on('error', () => undefined).destroy();
  }
}
