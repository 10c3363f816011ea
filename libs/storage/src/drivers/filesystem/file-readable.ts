import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { callbackify } from 'node:util';
import type { ByteRange } from '../byte-range.ts';
import { readError, refusal } from './file-error.ts';

/** Bytes that one read of a file asks for. */
const readBytes = 256 * 1024;

/**
 * A part of an open file, which is closed with the stream. Unlike Node's own it fails when the file ends early, where that one just ends, and
 * its failures are StorageErrors.
 */
export class FileReadable extends Readable {
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

  override _read(): void {
    const wanted = Math.min(readBytes, this.#behind - this.#position);
    if (wanted <= 0) {
      this.push(null);
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(wanted);
    this.#handle.read(buffer, 0, wanted, this.#position).then(
      ({ bytesRead }) => this.#took(buffer.subarray(0, bytesRead)),
      (error: unknown) => this.destroy(readError(error, this.#key)),
    );
  }

  /** Waits for a read that is under way: a descriptor that is closed too early may be another file's by then. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const close = callbackify(() => this.#handle.close());
    close((fault: unknown) =>
      callback(error ?? (fault instanceof Error ? readError(fault, this.#key) : null)),
    );
  }

  #took(bytes: Buffer): void {
    if (bytes.byteLength === 0) {
      const end = `the file ends at ${this.#position}, before ${this.#behind}`;
      this.destroy(refusal('corrupt', end, this.#key));
      return;
    }
    this.#position += bytes.byteLength;
    this.push(bytes);
    if (this.#position === this.#behind) this.push(null);
  }
}
