import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { callbackify } from 'node:util';
import type { LendingReadable } from '../../lending-readable.ts';
import type { ByteRange } from '../byte-range.ts';
import { readError, refusal } from './file-error.ts';
import { giveBuffer, readBytes, takeBuffer } from './read-buffers.ts';

/**
 * A part of an open file, which is closed with the stream. Unlike Node's own it fails when the file ends early, where that one just ends, and
 * its failures are StorageErrors.
 */
export class FileReadable extends Readable implements LendingReadable {
  readonly #handle: FileHandle;
  readonly #key: string;
  readonly #behind: number;
  #position: number;
  /** How its bytes leave, from the first one on: only one way at a time knows which come next. */
  #way: 'given' | 'lent' | undefined;
  #endLoan: ((error: Error) => void) | undefined;

  constructor(handle: FileHandle, key: string, { start, behind }: ByteRange) {
    super({ highWaterMark: readBytes });
    this.#handle = handle;
    this.#key = key;
    this.#position = start;
    this.#behind = behind;
  }

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
    const wanted = this.#wanted();
    if (wanted === 0) {
      this.push(null);
      return;
    }
    this.#fill(Buffer.allocUnsafeSlow(wanted)).then(
      (bytes) => this.#give(bytes),
      (error: Error) => this.destroy(error),
    );
  }

  /** Waits for a read that is under way: a descriptor that is closed too early may be another file's by then. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#endLoan?.(error ?? new Error('the stream was closed before its end'));
    const close = callbackify(() => this.#handle.close());
    close((fault: unknown) =>
      callback(error ?? (fault instanceof Error ? readError(fault, this.#key) : null)),
    );
  }

  #give(bytes: Buffer): void {
    this.push(bytes);
    if (this.#wanted() === 0) this.push(null);
  }

  /** While one buffer is lent the next one is filled. */
  async #lendAll(use: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    let filling = this.#fillNext();
    while (filling !== undefined) {
      // oxlint-disable-next-line no-await-in-loop -- a stream
      const { buffer, bytes } = await filling;
      filling = this.#fillNext();
      // Its failure is met in the next round, not by the process.
      filling?.catch(() => undefined);
      // oxlint-disable-next-line no-await-in-loop -- a stream
      await this.#loan(use(bytes));
      giveBuffer(buffer);
    }
  }

  #fillNext(): Promise<{ buffer: Buffer; bytes: Buffer }> | undefined {
    const wanted = this.#wanted();
    if (wanted === 0) return undefined;
    const buffer = takeBuffer(wanted);
    return this.#fill(buffer.subarray(0, wanted)).then((bytes) => ({ buffer, bytes }));
  }

  /** A promise that is raced with each loan would remember all of them: here the stream's end only reaches the current one. */
  #loan(used: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#endLoan = reject;
      if (this.destroyed) reject(this.errored ?? new Error('the stream was closed before its end'));
      used.then(resolve, reject);
    });
  }

  #wanted(): number {
    return Math.min(readBytes, this.#behind - this.#position);
  }

  /** @throws StorageError */
  async #fill(buffer: Buffer): Promise<Buffer> {
    let bytesRead;
    try {
      ({ bytesRead } = await this.#handle.read(buffer, 0, buffer.byteLength, this.#position));
    } catch (error) {
      throw readError(error, this.#key);
    }
    if (bytesRead === 0) {
      const end = `the file ends at ${this.#position}, before ${this.#behind}`;
      throw refusal('corrupt', end, this.#key);
    }
    this.#position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }
}
