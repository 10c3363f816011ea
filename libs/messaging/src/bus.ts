import type { Request } from './request.ts';

export interface RequestOptions {
  /** Cancels the question: the asker gets the signal's reason, and the handler's own signal is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Overrides the contract's deadline. Milliseconds from now. */
  readonly deadlineMs?: number | undefined;
}

export interface ServeContext {
  /** Aborted when the asker cancels, when the deadline passes, or when the bus must close before the handler has ended. */
  readonly signal: AbortSignal;
}

export type Handler<Q, R> = (question: Q, context: ServeContext) => Promise<R>;

/**
 * Questions and answers between services.
 *
 * Values are JSON that may contain `Uint8Array` anywhere. Absent and `undefined` properties are the same. Neither side may change a value that it
 * sent or received: within one process it may be the same object. Copy bytes that outlive the handling of a message, since they may be a view into a
 * larger buffer.
 *
 * At most one of the processes that serve a subject answers a question. The question may have taken effect although no answer arrived; only look-ups
 * are sent again by the bus itself.
 */
export abstract class Bus {
  /**
   * Asks and waits for the answer. Rejects with
   * - the `OciError` that the handler threw, whole: code, entries, status, headers;
   * - `OciError` UNKNOWN if the handler threw anything else (its cause stays in the server's log);
   * - `OciError` UNAVAILABLE with `Retry-After` if no process serves the subject, the servers are overloaded,
   *   the connection is down, or the deadline has passed;
   * - `OciError` SIZE_INVALID (413) if the question is larger than the bus carries, UNKNOWN if the answer is;
   * - the reason of `options.signal` once that is aborted.
   */
  abstract request<Q, R>(contract: Request<Q, R>, question: Q, options?: RequestOptions): Promise<R>;

  /**
   * Answers the questions of a contract. Each is one call of `handler`; the contract limits how many run concurrently. A waiting question is dropped
   * unhandled once its deadline has passed or its asker has gone.
   * @throws Error if this bus already serves the subject
   */
  abstract serve<Q, R>(contract: Request<Q, R>, handler: Handler<Q, R>): void;

  /** Connects, then starts to serve. Rejects if the server cannot carry our messages (message size). */
  abstract start(): Promise<void>;

  /** Resolves if a question could be sent now. Rejects otherwise, within two seconds. */
  abstract ready(): Promise<void>;

  /** Drains: takes no new questions, lets running handlers end, sends their answers, disconnects. Idempotent. */
  abstract close(): Promise<void>;
}
