import { setImmediate as nextTurn } from 'node:timers/promises';
import { Batcher, BatcherFullError, injectTrace, isTracing, traced } from '@longshore/telemetry';
import { Bus, type Handler, type RequestOptions } from '../bus.ts';
import { contracts } from '../contracts/all.ts';
import type { Request } from '../request.ts';
import { busTimes, type BusTimes, outcomeOf } from '../serving/bus-times.ts';
import { answerTo, erased } from '../serving/erased.ts';
import { spanAttributes } from '../serving/span-attributes.ts';
import { within } from '../serving/within.ts';
import { pack } from '../wire/pack.ts';
import { unanswered } from '../wire/refusal.ts';
import { Flights, type Asked } from './flights.ts';
import { MessageSeal } from './message-seal.ts';
import type { NatsConnector } from './nats-connector.ts';
import { Service } from './service.ts';

/** Limits on one batch: the look-ups of one event-loop turn share a message. */
const lookUps = { maximumKeys: 128, maximumBytes: 256 * 1024, inFlight: 32 };
/** Any other question is a batch of its own. */
const single = { maximumKeys: 1, inFlight: 4096 };

export interface NatsBusOptions {
  /** `services.secret`: seals confidential contracts. Required by a service that answers or asks one. */
  readonly secret?: string | undefined;
}

/** The bus over NATS. `Bus` has the contract, `message.ts` the format of messages. */
export class NatsBus extends Bus {
  readonly #connector: NatsConnector;
  readonly #seal: MessageSeal | undefined;
  readonly #flights: Flights;
  readonly #services = new Map<string, Service>();
  readonly #times: BusTimes;
  readonly #batchers = new Map<string, Batcher<Asked, unknown>>();
  #started: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(connector: NatsConnector, { secret }: NatsBusOptions = {}) {
    super();
    this.#connector = connector;
    this.#seal = secret === undefined ? undefined : new MessageSeal(secret);
    this.#flights = new Flights(connector, this.#seal);
    const { settings, metrics } = connector;
    this.#times = busTimes(asksAnything(settings.name) ? metrics : undefined, 'busRequests');
  }

  override request<Q, R>(contract: Request<Q, R>, question: Q, options: RequestOptions = {}): Promise<R> {
    if (!isTracing()) return this.#ask(contract, question, options);
    const { subject } = contract;
    return traced(`ask ${subject}`, { kind: 'client', attributes: spanAttributes('nats', subject) }, () =>
      this.#ask(contract, question, options),
    );
  }

  async #ask<Q, R>(contract: Request<Q, R>, question: Q, options: RequestOptions): Promise<R> {
    const { signal, deadlineMs = contract.deadlineMs } = options;
    signal?.throwIfAborted();
    if (this.#started === undefined || this.#closing !== undefined)
      throw unanswered('the bus is closed', 'the bus');
    const began = performance.now();
    const asked: Asked = {
      packed: pack(question),
      trace: injectTrace(),
      endsAt: began + deadlineMs,
      flight: undefined,
      position: 0,
      done: false,
    };
    try {
      const answer = answerTo(contract, await this.#batcherOf(contract).get(asked, { signal, deadlineMs }));
      this.#times(contract.subject, 'ok', began);
      return answer;
    } catch (error) {
      this.#flights.cancel(asked);
      const failure = signal?.aborted === true ? error : failureOf(error);
      this.#times(contract.subject, outcomeOf(failure), began);
      throw failure;
    }
  }

  override serve<Q, R>(contract: Request<Q, R>, handler: Handler<Q, R>): void {
    if (this.#services.has(contract.subject)) throw new Error(`${contract.subject} is served already`);
    if (contract.confidential === true) this.#expectSecret([contract.subject]);
    const seal = contract.confidential === true ? this.#seal : undefined;
    const service = new Service(this.#connector, contract, erased(handler), seal);
    this.#services.set(contract.subject, service);
    if (this.#connector.held !== undefined && this.#started !== undefined) service.open(this.#connector.held);
  }

  override start(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }

  override async ready(): Promise<void> {
    if (this.#closing !== undefined) throw new Error('the bus is closed');
    const { live } = this.#connector;
    if (this.#started === undefined || live === undefined) throw new Error('the bus is not connected');
    if (!(await within(2_000, live.rtt()))) throw new Error('NATS does not answer');
    this.#expectAllowed();
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    this.#expectSecret(confidentialOf(this.#connector.settings.name));
    const connection = await this.#connector.hold();
    try {
      this.#flights.open(connection);
      for (const service of this.#services.values()) service.open(connection);
      // When the server answers the flush, it knows all subscriptions.
      await connection.flush();
      // Its refusals precede that answer, and are recorded in this turn.
      await nextTurn();
      this.#expectAllowed();
    } catch (error) {
      await this.#connector.release();
      throw error;
    }
  }

  #expectSecret(subjects: readonly string[]): void {
    if (this.#seal !== undefined || subjects.length === 0) return;
    throw new Error(
      `services.secret is required by ${this.#connector.settings.name}: it seals ${subjects.join(', ')} on the bus, which carry passwords and tokens`,
    );
  }

  #expectAllowed(): void {
    const { refused, settings } = this.#connector;
    if (refused.length === 0) return;
    throw new Error(
      `NATS refuses the user of ${settings.name}: ${refused.join(', ')}; docs/reference/bus.md lists the subjects that it needs`,
    );
  }

  async #close(): Promise<void> {
    if (this.#started === undefined) return;
    await this.#started;
    await Promise.all([...this.#services.values()].map((service) => service.drain()));
    this.#flights.close();
    await this.#connector.release();
  }

  #batcherOf(contract: Request<never, unknown>): Batcher<Asked, unknown> {
    const known = this.#batchers.get(contract.subject);
    if (known !== undefined) return known;
    const batcher = new Batcher<Asked, unknown>({
      ...(contract.lookup === true ? lookUps : single),
      sizeOf: ({ packed }) =>
        packed.attachments.reduce((sum, { byteLength }) => sum + byteLength, packed.text.length),
      run: (asked, batch) => this.#flights.send(contract, asked, batch),
    });
    this.#batchers.set(contract.subject, batcher);
    return batcher;
  }
}

function failureOf(error: unknown): unknown {
  if (isTimeout(error)) return unanswered('deadline');
  return error instanceof BatcherFullError ? unanswered('overloaded') : error;
}

function asksAnything(service: string): boolean {
  return [...contracts.values()].some(({ askedBy }) => askedBy.some((name) => name === service));
}

/** The confidential subjects that a service answers or asks. */
function confidentialOf(service: string): string[] {
  return [...contracts.values()]
    .filter(({ confidential }) => confidential === true)
    .filter(({ servedBy, askedBy }) => [servedBy, ...askedBy].some((name) => name === service))
    .map(({ subject }) => subject);
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
