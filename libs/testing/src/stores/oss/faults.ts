import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { OssOperation } from './routing.ts';
import { OssError } from './wire/oss-error.ts';

export interface OssFault {
  /**
   * `slow-down` and `unavailable` answer 503, `refuse-credentials` InvalidAccessKeyId. `reset` breaks the connection, `stall` lets it
   * hang until the fault is cleared. `short-body` closes the connection before all bytes that were announced are sent;
   * `truncated-body` announces no more than it sends.
   */
  readonly kind:
    'slow-down' | 'unavailable' | 'refuse-credentials' | 'reset' | 'stall' | 'short-body' | 'truncated-body';
  /** All by default. */
  readonly operations?: readonly OssOperation[];
  /** Of those requests every n-th: 2 for half of them. Every one by default. */
  readonly every?: number;
  /** How often; without end by default. */
  readonly times?: number;
  /**
   * How much of the body passes before: of the request's in PutObject and UploadPart with `reset` and `stall`, of the answer's otherwise. Without
   * it `reset` and `stall` come before the answer. A body that is no longer than this is left alone.
   */
  readonly afterBytes?: number;
}

/** A fault that a request met. */
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

/** Which faults are in force. */
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

  /** The first that applies to a request, which then counts. */
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

/** What a fault does before the request is looked at. @throws OssError as the fault says */
export async function breakBefore({ kind, afterBytes, cleared }: MetFault, socket: Socket): Promise<void> {
  if (kind === 'slow-down') throw new OssError('SlowDown');
  if (kind === 'unavailable') throw new OssError('ServiceUnavailable');
  if (kind === 'refuse-credentials') throw new OssError('InvalidAccessKeyId');
  if (afterBytes !== undefined) return;
  if (kind === 'reset') socket.resetAndDestroy();
  if (kind === 'stall') await clearedOrClosed(cleared, socket);
}

/** A body that breaks off, or hangs, after some bytes. */
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
