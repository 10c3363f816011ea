import type { BusService } from './bus-services.ts';

/** One kind of request on the bus. The phantom type parameters tie the answer's type to the question's. */
export interface Request<Q, R> {
  readonly subject: string;
  /** The service whose processes share the questions. */
  readonly servedBy: BusService;
  /** The services that may ask. NATS refuses the others: `nats/permissions.ts` derives all permissions from these two fields. */
  readonly askedBy: readonly BusService[];
  /** Milliseconds that the asker waits by default. */
  readonly deadlineMs: number;
  /**
   * Small look-ups: those of one event-loop turn may share a message. A look-up changes nothing, so the bus may send it again if the connection was
   * lost before the answer.
   */
  readonly lookup?: true;
  /**
   * Question or answer contains passwords or tokens, or decides who is admitted: NATS carries them sealed with `services.secret`
   * (`nats/message-seal.ts`). Each question is sent once, so a look-up cannot be confidential.
   */
  readonly confidential?: true;
  /** Limits per serving process; beyond them askers get UNAVAILABLE. */
  readonly limits?: ServingLimits;
  readonly types?: (question: Q) => R;
}

export interface ServingLimits {
  /** Most handlers that run concurrently. */
  readonly concurrency: number;
  /** Most questions that wait for a running handler to end. */
  readonly queue: number;
}

const subjectForm = /^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*$/;

/**
 * @throws TypeError if the subject is not valid on NATS (lower-case words between dots, no wildcards), the deadline is not positive, or a
 *   look-up is confidential
 */
export function defineRequest<Q, R>(request: Omit<Request<Q, R>, 'types'>): Request<Q, R> {
  if (!subjectForm.test(request.subject)) throw new TypeError(`not a subject: ${request.subject}`);
  if (!(request.deadlineMs > 0)) throw new TypeError(`${request.subject} has no deadline`);
  if (request.confidential === true && request.lookup === true)
    throw new TypeError(`${request.subject} is asked again as a look-up, and refused as a replay`);
  return request;
}
