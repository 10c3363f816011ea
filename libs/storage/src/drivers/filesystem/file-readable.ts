import type { FileHandle } from 'node:fs/promises';
import { callbackify } from 'node:util';
import type { ByteRange } from '../../for-drivers/byte-range.ts';
import { LendingStream, type Loan } from '../../for-drivers/lending-stream.ts';
import { readError, refusal } from './file-error.ts';
import { areBuffersScarce, giveBuffer, readBytes, scarceReadBytes, takeBuffer } from './read-buffers.ts';

/**
 * Streams a range of an open file, and closes the file with the stream. It fails with StorageErrors. Unlike Node's own stream it fails if the file
 * ends early.
 */
export class FileReadable extends LendingStream {
  readonly #handle: FileHandle;
  readonly #key: string;
  readonly #behind: number;
  #position: number;

  constructor(handle: FileHandle, key: string, { start, behind }: ByteRange) {
    super({ highWaterMark: readBytes });
    this.#handle = handle;
    this.#key = key;
    this.#position = start;
    this.#behind = behind;
  }

  protected override giveNext(): void {
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

  protected override async lendNext(): Promise<Loan | undefined> {
    const wanted = Math.min(this.#wanted(), areBuffersScarce() ? scarceReadBytes : readBytes);
    if (wanted === 0) return undefined;
    const buffer = takeBuffer(wanted);
    const bytes = await this.#fill(buffer.subarray(0, wanted));
    return { bytes, back: () => giveBuffer(buffer) };
  }

  protected override get isPreparing(): boolean {
    return !areBuffersScarce();
  }

  /** Closes the file after the current read: a descriptor closed too early may already belong to another file. */
  protected override letGo(error: Error | null, callback: (error?: Error | null) => void): void {
    const close = callbackify(() => this.#handle.close());
    close((fault: unknown) =>
      callback(error ?? (fault instanceof Error ? readError(fault, this.#key) : null)),
    );
  }

  #give(bytes: Buffer): void {
    this.push(bytes);
    if (this.#wanted() === 0) this.push(null);
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
