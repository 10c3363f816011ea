import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** What waits for a reader that is slow, at most; further lines are dropped. Bytes. */
const mostWaiting = 4 * 1024 * 1024;
/** Between two attempts on a reader that takes nothing. Milliseconds. */
const pause = 5;
/** How long a process that ends waits for the reader of its last lines. Milliseconds. */
const farewell = 1_000;

/**
 * Lines for a descriptor whose reader may stand still: a pipe to a log collector, a terminal with Ctrl-S. Nobody ever waits for it: what it does not
 * take at once is kept and offered again, and lines that are too many for that are dropped, counted, and told of when it reads again. Lines leave in
 * their order, and while the reader reads they have left when `write` returns, so that nothing is lost when the process dies.
 */
class SteadyOutput implements DestinationStream {
  readonly #descriptor: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #untold = 0;
  /** Lines that nobody will see, since the process began. */
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
    // Behind lines that wait already this one waits, too.
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

  /** Bytes that the kernel took; undefined when it takes none now. */
  #written(bytes: Buffer): number | undefined {
    try {
      return writeSync(this.#descriptor, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
      // A reader that has gone does not come back, and there is nowhere to say that a disk is full.
      this.dropped += 1;
      return bytes.byteLength;
    }
  }

  /** What the process said last is most often why it ends. */
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

/** A descriptor of the same pipe or terminal that says EAGAIN where the given one would wait. */
function withoutWaiting(descriptor: number): number {
  try {
    if (fstatSync(descriptor).isFile()) return descriptor;
    // Opened anew it does not change how other processes write to it.
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // A socket, or a pipe of another user, as in a container: Node makes its own streams non-blocking when they are first asked for.
    return descriptor === 1 && process.stdout.fd === 1 ? 1 : descriptor;
  }
}

/** Standard output, for all logs of the process. */
export const standardOutput = new SteadyOutput(1);
