import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Most bytes that wait for a slow reader. Further lines are dropped. */
const mostWaiting = 4 * 1024 * 1024;
/** Milliseconds between two attempts to write to a stalled reader. */
const pause = 5;
/** Milliseconds that an ending process waits for the reader of its last lines. */
const farewell = 1_000;

/**
 * Writes lines to a descriptor whose reader may stall: a pipe to a log collector, a terminal with Ctrl-S. Writing never blocks. Text that the reader
 * does not accept at once is kept and tried again. Lines beyond that buffer are dropped, counted, and reported when it reads again. Lines keep their
 * order. While the reader reads, they have left when `write` returns, so that a crash loses none.
 */
class SteadyOutput implements DestinationStream {
  readonly #descriptor: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #untold = 0;
  /** Lines dropped since the process started. */
  dropped = 0;

  constructor(descriptor: number) {
    this.#descriptor = withoutWaiting(descriptor);
    process.on('exit', () => this.#finish());
  }

  write(line: string): void {
    if (this.#bytes > mostWaiting) {
      this.dropped += 1;
      this.#untold += 1;
      return;
    }
    const bytes = Buffer.from(line);
    this.#waiting.push(bytes);
    this.#bytes += bytes.byteLength;
    // Queues behind waiting lines.
    if (this.#timer === undefined) this.#offer();
  }

  #offer(): void {
    this.#timer = undefined;
    this.#writeAll();
    if (this.#waiting.length > 0) {
      this.#timer = setTimeout(() => this.#offer(), pause).unref();
      return;
    }
    if (this.#untold === 0) return;
    const told = { level: 'warn', time: new Date().toISOString(), dropped: this.#untold };
    this.#untold = 0;
    this.write(`${JSON.stringify({ ...told, msg: 'lines of the log were dropped: nobody read them' })}\n`);
  }

  #writeAll(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const written = this.#written(first);
      if (written === undefined) return;
      this.#bytes -= written;
      if (written === first.byteLength) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(written);
    }
  }

  /** Returns the bytes that the kernel accepted, or undefined if it accepts none now. */
  #written(bytes: Buffer): number | undefined {
    try {
      return writeSync(this.#descriptor, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
      // A reader that has gone does not return, and there is no place to report a full disk.
      this.dropped += 1;
      return bytes.byteLength;
    }
  }

  /** The last lines of a process most often tell why it ends. */
  #finish(): void {
    const clock = new Int32Array(new SharedArrayBuffer(4));
    const deadline = performance.now() + farewell;
    this.#writeAll();
    while (this.#waiting.length > 0 && performance.now() < deadline) {
      Atomics.wait(clock, 0, 0, 5);
      this.#writeAll();
    }
  }
}

/** Returns a descriptor of the same pipe or terminal that fails with EAGAIN instead of blocking. */
function withoutWaiting(descriptor: number): number {
  try {
    if (fstatSync(descriptor).isFile()) return descriptor;
    // A new descriptor does not change how other processes write to the file.
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // A socket, or a pipe of another user, as in a container: Node makes its own streams non-blocking on first use.
    return descriptor === 1 && process.stdout.fd === 1 ? 1 : descriptor;
  }
}

/** Standard output, for all logs of the process. */
export const standardOutput = new SteadyOutput(1);
