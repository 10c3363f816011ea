import type { Request } from './request.ts';

export interface RequestOptions {
  /** Gives the question up: the asker gets the signal's reason, the handler's own signal is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Overrides the contract's deadline. Milliseconds from now. */
  readonly deadlineMs?: number | undefined;
}

export interface ServeContext {
  /** Aborted when the asker gave up, its deadline is over, or the bus had to close before the handler ended. */
  readonly signal: AbortSignal;
}

export type Handler<Q, R> = (question: Q, context: ServeContext) => Promise<R>;

/**
 * Questions and answers between services.
 *
 * Values are JSON, with `Uint8Array` anywhere in them. Absent and `undefined` properties are the same. Neither
 * side changes a value it sent or got: within one process it may be the same object. Bytes that are kept
 * beyond the handling of a message must be copied, since they may be a view into a larger buffer.
 *
 * A question is answered at most once, by one of the processes that serve its subject. It may have been acted upon although
 * no answer came; only a look-up is ever asked again by the bus itself.
 */
export abstract class Bus {
  /**
   * Asks and waits for the answer. Rejects with
   * - the `OciError` the handler threw, whole: code, entries, status, headers;
   * - `OciError` UNKNOWN when the handler threw anything else (its cause stays in the server's log);
   * - `OciError` UNAVAILABLE with `Retry-After` when nobody serves the subject, the servers have too much to do,
   *   the connection is away, or the deadline is over;
   * - `OciError` SIZE_INVALID (413) when the question is larger than the bus carries, UNKNOWN when the answer is;
   * - the reason of `options.signal` once that is aborted.
   */
  abstract request<Q, R>(contract: Request<Q, R>, question: Q, options?: RequestOptions): Promise<R>;

  /**
   * Answers the questions of a contract, each with one call of `handler`, up to the contract's limits at the same
   * time. A question whose deadline is over, or whose asker has gone, before its turn comes is dropped unhandled.
   * @throws Error when this bus serves the subject already.
   */
  abstract serve<Q, R>(contract: Request<Q, R>, handler: Handler<Q, R>): void;

  /** Connects, then begins to serve. Rejects when the other side cannot do what we need (message size). */
  abstract start(): Promise<void>;

  /** Resolves when a question could be sent now. Rejects otherwise, within two seconds. */
  abstract ready(): Promise<void>;

  /** Drains: takes no new questions, lets running handlers end and their answers leave, disconnects. Idempotent. */
  abstract close(): Promise<void>;
}
