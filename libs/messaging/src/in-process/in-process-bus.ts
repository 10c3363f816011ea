import { OciError } from '@longshore/oci';
import { createLogger, isTracing, type Logger, type Metrics, traced } from '@longshore/telemetry';
import { Bus, type Handler, type RequestOptions } from '../bus.ts';
import type { Request } from '../request.ts';
import { Admission } from '../serving/admission.ts';
import { busTimes, type BusTimes } from '../serving/bus-times.ts';
import { Call, deadlineOver } from '../serving/call.ts';
import { answerTo, erased, type AnyHandler } from '../serving/erased.ts';
import { spanAttributes } from '../serving/span-attributes.ts';
import { refusalOf, unanswered } from '../wire/refusal.ts';

interface Served {
  readonly subject: string;
  readonly admission: Admission;
  readonly handler: AnyHandler;
}

export interface InProcessBusOptions {
  readonly log?: Pick<Logger, 'error'>;
  readonly metrics?: Metrics;
}

/** The bus within one process. Passes values without copying, under the same limits, deadlines and errors as any other bus. */
export class InProcessBus extends Bus {
  readonly #served = new Map<string, Served>();
  readonly #log: Pick<Logger, 'error'>;
  readonly #times: BusTimes;
  #closed = false;

  constructor({ log = createLogger({ level: 'error' }), metrics }: InProcessBusOptions = {}) {
    super();
    this.#log = log;
    this.#times = busTimes(metrics, 'busAnswers');
  }

  override serve<Q, R>(contract: Request<Q, R>, handler: Handler<Q, R>): void {
    const { subject, limits } = contract;
    if (this.#served.has(subject)) throw new Error(`${subject} is served already`);
    this.#served.set(subject, {
      subject,
      admission: new Admission(limits),
      handler: erased(handler),
    });
  }

  override request<Q, R>(contract: Request<Q, R>, question: Q, options: RequestOptions = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const { signal, deadlineMs = contract.deadlineMs } = options;
      signal?.throwIfAborted();
      const served = this.#served.get(contract.subject);
      if (served === undefined || this.#closed) throw unanswered('nobody serves this');
      const began = performance.now();
      const call = new Call(deadlineMs, (outcome) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.#times(served.subject, outcome, began);
      });
      const aborted = () => {
        call.cancel(signal?.reason);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        call.cancel(deadlineOver());
        reject(unanswered('deadline'));
      }, deadlineMs);
      signal?.addEventListener('abort', aborted, { once: true });
      const work = async () => {
        try {
          const answered = answerTo(contract, await answer(served, question, call));
          call.outcome = 'ok';
          resolve(answered);
        } catch (error) {
          const refusal = this.#refusal(served, error, call);
          call.outcome = refusal.code;
          reject(refusal);
        }
      };
      if (served.admission.admit(call, work)) return;
      call.end();
      throw unanswered('overloaded');
    });
  }

  #refusal({ subject }: Served, error: unknown, call: Call): OciError {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return refusal;
    // The call's own timer may end the handler just before the asker's timer fires. That is the deadline, not a fault.
    if (call.over) return unanswered('deadline');
    this.#log.error({ err: error, subject }, 'a handler failed');
    return new OciError('UNKNOWN');
  }

  override async start(): Promise<void> {
    // Nothing to connect.
  }

  override async ready(): Promise<void> {
    if (this.#closed) throw new Error('the bus is closed');
  }

  override async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#served.values()].map(({ admission }) => admission.drained()));
  }
}

/** One span, where NATS has two: no transport lies between asker and handler. */
function answer({ subject, handler }: Served, question: unknown, call: Call): Promise<unknown> {
  if (!isTracing()) return handler(question, call);
  const attributes = spanAttributes('in_process', subject);
  return traced(`answer ${subject}`, { attributes }, () => handler(question, call));
}
