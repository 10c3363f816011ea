import { closeSync, openSync } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';

const limit = 4 * 1024 * 1024;
const lookMs = 60_000;

/** A log that another process appends to. Beyond its limit it is copied to `<path>.1` and emptied. Lines written at that moment may be lost. */
export class BoundedLog {
  readonly path: string;
  readonly #limit: number;
  readonly #timer: NodeJS.Timeout;

  constructor(path: string, bytes = limit) {
    this.path = path;
    this.#limit = bytes;
    this.#timer = setInterval(() => {
      // The log is only a help, so a full disk must not stop the process that it describes.
      this.cut().catch(() => undefined);
    }, lookMs).unref();
  }

  /** Opens the log for a child's output. The caller closes it. */
  open(): { readonly descriptor: number; close(): void } {
    // Opened for appending, so that the writer continues at the new end after the file was emptied.
    const descriptor = openSync(this.path, 'a', 0o600);
    return { descriptor, close: () => closeSync(descriptor) };
  }

  async cut(): Promise<void> {
    if ((await stat(this.path)).size <= this.#limit) return;
    await copyFile(this.path, `${this.path}.1`);
    await truncate(this.path);
  }

  /** Returns the last text that was written after an offset, for messages. */
  async since(offset: number): Promise<string> {
    const file = await open(this.path, 'r');
    try {
      const { size } = await file.stat();
      // After a cut all text is new.
      const from = Math.max(offset > size ? 0 : offset, size - 64 * 1024);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async size(): Promise<number> {
    return (await stat(this.path)).size;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
