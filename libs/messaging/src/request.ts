import type { BusService } from './bus-services.ts';

/** One kind of request on the bus. The type parameters are phantom: they tie what is asked to what is answered. */
export interface Request<Q, R> {
  readonly subject: string;
  /** The service whose processes share the questions. */
  readonly servedBy: BusService;
  /** The services that may ask. NATS refuses the others: `nats/permissions.ts` derives what each may do from these two. */
  readonly askedBy: readonly BusService[];
  /** How long the asker waits when it says nothing else. Milliseconds. */
  readonly deadlineMs: number;
  /**
   * Small look-ups: those of one event-loop turn may travel as one message. A look-up changes nothing, so it may
   * also be asked again when the connection was lost before its answer came.
   */
  readonly lookup?: true;
  /**
   * Question and answer hold passwords or tokens, or decide who gets in: NATS carries them sealed under `services.secret` (`nats/message-seal.ts`). Each is
   * sent once, so a look-up cannot be confidential.
   */
  readonly confidential?: true;
  /** What one serving process takes on at once; beyond it askers get UNAVAILABLE. */
  readonly limits?: ServingLimits;
  readonly types?: (question: Q) => R;
}

export interface ServingLimits {
  /** Handlers that run at the same time. */
  readonly concurrency: number;
  /** Further questions that may wait for one of them to end. */
  readonly queue: number;
}

const subjectForm = /^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*$/;

/**
 * @throws TypeError when the subject could not be one on NATS (lower-case words between dots, no wildcards), the deadline is none, or a
 *   look-up is confidential
 */
export function defineRequest<Q, R>(request: Omit<Request<Q, R>, 'types'>): Request<Q, R> {
  if (!subjectForm.test(request.subject)) throw new TypeError(`not a subject: ${request.subject}`);
  if (!(request.deadlineMs > 0)) throw new TypeError(`${request.subject} has no deadline`);
  if (request.confidential === true && request.lookup === true)
    throw new TypeError(`${request.subject} is asked again as a look-up, and refused as a replay`);
  return request;
}
