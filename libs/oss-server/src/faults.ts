import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { OssOperation } from './routing.ts';
import { OssError } from './wire/oss-error.ts';

export interface OssFault {
  /**
   * - `slow-down`, `unavailable`: answer 503
   * - `refuse-credentials`: answer InvalidAccessKeyId
   * - `reset`: break the connection
   * - `stall`: hang until the fault is cleared
   * - `short-body`: close the connection before all announced bytes are sent
   * - `truncated-body`: announce no more bytes than are sent
   */
  readonly kind:
    'slow-down' | 'unavailable' | 'refuse-credentials' | 'reset' | 'stall' | 'short-body' | 'truncated-body';
  /** The operations that meet the fault; all by default. */
  readonly operations?: readonly OssOperation[];
  /** Every n-th of these requests meets it: 2 for half of them. Every request by default. */
  readonly every?: number;
  /** Number of requests that meet it; unlimited by default. */
  readonly times?: number;
  /**
   * Bytes of the body that pass before the fault: of the request's body in PutObject and UploadPart with `reset` and `stall`, otherwise of the
   * answer's. Without it, `reset` and `stall` happen before the answer. A body that is not longer is left alone.
   */
  readonly afterBytes?: number;
}

/** The fault of a request. */
export interface MetFault {
  readonly kind: OssFault['kind'];
  readonly afterBytes: number | undefined;
  readonly cleared: Promise<void>;
}

interface Injected {
  readonly fault: OssFault;
  readonly cleared: Promise<void>;
  seen: number;
  met: number;
}

/** The faults in force. */
export class Faults {
  readonly #injected = new Set<Injected>();

  inject(fault: OssFault): { clear(): void } {
    const { promise: cleared, resolve } = Promise.withResolvers<void>();
    const injected: Injected = { fault, cleared, seen: 0, met: 0 };
    this.#injected.add(injected);
    const clear = (): void => {
      this.#injected.delete(injected);
      resolve();
    };
    return { clear };
  }

  /** Returns the first fault that applies to a request, and counts the request. */
  meet(operation: OssOperation): MetFault | undefined {
    for (const injected of this.#injected) {
      const { operations, every = 1, times = Number.POSITIVE_INFINITY, kind, afterBytes } = injected.fault;
      if (operations !== undefined && !operations.includes(operation)) continue;
      injected.seen++;
      if (injected.met >= times || injected.seen % every !== 0) continue;
      injected.met++;
      return { kind, afterBytes, cleared: injected.cleared };
    }
    return undefined;
  }
}

/** Applies the part of a fault that happens before the request is examined. @throws OssError of the fault */
export async function breakBefore({ kind, afterBytes, cleared }: MetFault, socket: Socket): Promise<void> {
  if (kind === 'slow-down') throw new OssError('SlowDown');
  if (kind === 'unavailable') throw new OssError('ServiceUnavailable');
  if (kind === 'refuse-credentials') throw new OssError('InvalidAccessKeyId');
  if (afterBytes !== undefined) return;
  if (kind === 'reset') socket.resetAndDestroy();
  if (kind === 'stall') await clearedOrClosed(cleared, socket);
}

/** Returns a body that breaks off, or hangs, after some bytes. */
export function broken(body: Readable, fault: MetFault, socket: Socket): Readable {
  return Readable.from(breaking(body, fault, socket), { objectMode: false });
}

async function* breaking(body: Readable, fault: MetFault, socket: Socket): AsyncGenerator<Buffer> {
  let left = fault.afterBytes ?? 0;
  let isBroken = false;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (isBroken || chunk.length <= left) {
      left -= chunk.length;
      yield chunk;
      continue;
    }
    if (left > 0) yield chunk.subarray(0, left);
    isBroken = true;
    if (fault.kind === 'truncated-body') return;
    if (fault.kind === 'reset') socket.resetAndDestroy();
    if (fault.kind === 'stall') await clearedOrClosed(fault.cleared, socket);
    else throw new Error(`the injected fault: ${fault.kind}`);
    yield chunk.subarray(left);
  }
}

async function clearedOrClosed(cleared: Promise<void>, socket: Socket): Promise<void> {
  if (!socket.destroyed) await Promise.race([cleared, once(socket, 'close')]);
}
