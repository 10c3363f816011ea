import { Readable } from 'node:stream';
import { StorageError } from '../../storage-error.ts';
import type { ByteRange } from '../byte-range.ts';

export interface ReadPlan extends ByteRange {
  readonly driver: string;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  /**
   * Opens the object again at a position (up to `behind`, exclusive), and only if it is still the one that was opened first.
   * @throws StorageError; 'corrupt' when another object is there by now
   */
  readonly reopen: (start: number) => Promise<Readable>;
}

/** How often a body may break without one byte in between. */
const patience = 5;

/**
 * A part of an object, which goes on where the store's answer broke off, or was cut because its reader was slow. It ends when all bytes have
 * come, and fails otherwise: never short, never with another object's bytes.
 */
export class ResumingReadable extends Readable {
  readonly #plan: ReadPlan;
  #position: number;
  #body: Readable | undefined;
  #breaks = 0;
  #isOpening = false;
  readonly #abort = (): void => {
    const { reason } = this.#plan.signal ?? {};
    this.destroy(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
  };

  constructor(body: Readable, plan: ReadPlan) {
    super({ highWaterMark: 256 * 1024 });
    this.#plan = plan;
    this.#position = plan.start;
    this.#listen(body);
    plan.signal?.addEventListener('abort', this.#abort, { once: true });
    if (plan.signal?.aborted === true) this.#abort();
  }

  override _read(): void {
    if (this.#position === this.#plan.behind) {
      this.#letEnd();
      this.push(null);
    } else if (this.#body !== undefined) this.#body.resume();
    else if (!this.#isOpening) void this.#reopen();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#plan.signal?.removeEventListener('abort', this.#abort);
    this.#drop();
    callback(error);
  }

  #listen(body: Readable): void {
    this.#body = body;
    body.pause();
    body.on('data', (chunk: Buffer) => {
      if (this.#body === body) this.#take(chunk);
    });
    const broken = (error?: Error): void => {
      if (this.#body === body) this.#break(error);
    };
    body.on('error', broken);
    body.on('end', broken);
    body.on('close', broken);
  }

  #take(chunk: Buffer): void {
    const { behind, driver, key } = this.#plan;
    this.#position += chunk.byteLength;
    this.#breaks = 0;
    if (this.#position > behind) {
      this.destroy(
        new StorageError('corrupt', { driver, key, reason: 'the store sent more than was asked for' }),
      );
      return;
    }
    const wantsMore = this.push(chunk);
    if (this.#position === behind) {
      this.#letEnd();
      this.push(null);
    } else if (!wantsMore) this.#body?.pause();
  }

  #break(error: Error | undefined): void {
    this.#drop();
    const { driver, key, behind } = this.#plan;
    this.#breaks++;
    if (this.#breaks > patience) {
      const reason = `the answer breaks off at ${this.#position}, before ${behind}`;
      this.destroy(new StorageError('unavailable', { driver, key, reason, cause: error }));
    } else if (this.readableLength < this.readableHighWaterMark) void this.#reopen();
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

  /** A body that is destroyed with its end unseen takes its connection with it, which others can use. */
  #letEnd(): void {
    const body = this.#body;
    this.#body = undefined;
    body?.on('error', () => undefined).resume();
  }

  /** Its complaints are of no use any more; unheard they would end the process. */
  #drop(): void {
    const body = this.#body;
    this.#body = undefined;
    body?.on('error', () => undefined).destroy();
  }
}
