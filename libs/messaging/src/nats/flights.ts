import { nuid, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { OciError } from '@longshore/oci';
import { Failed, type Batch, type TraceCarrier } from '@longshore/telemetry';
import type { Request } from '../request.ts';
import type { Packed } from '../wire/pack.ts';
import { refusalFrom, unanswered } from '../wire/refusal.ts';
import type { AnswerSeal, MessageSeal } from './message-seal.ts';
import { decodeAnswers, encodeQuestions, type ReceivedAnswer } from './message.ts';
import type { NatsConnector } from './nats-connector.ts';
import { answerPrefix, cancelSubject, inboxPrefix, questionSubject } from './subjects.ts';

/** One question on the asker's side. */
export interface Asked {
  readonly packed: Packed;
  readonly trace: TraceCarrier | undefined;
  readonly endsAt: number;
  flight: Flight | undefined;
  /** Index among the keys of its batch. */
  position: number;
  /** True once the question is answered or cancelled. */
  done: boolean;
}

/** One question message and its outstanding answers. */
interface Flight {
  readonly subject: string;
  readonly servedBy: string;
  readonly reply: string;
  readonly asked: readonly Asked[];
  readonly batch: Batch<unknown>;
  readonly landed: PromiseWithResolvers<void>;
  readonly send: () => void;
  readonly lookup: boolean;
  /** Set if the question is confidential. */
  readonly seal: AnswerSeal | undefined;
  open: number;
}

/** Sends question messages and assigns the answers to them. The whole connection has one inbox. */
export class Flights {
  readonly #connector: NatsConnector;
  readonly #seal: MessageSeal | undefined;
  readonly #flights = new Map<string, Flight>();
  readonly #id = nuid.next();
  #count = 0;

  /** @param seal seals confidential questions; without it they are refused */
  constructor(connector: NatsConnector, seal: MessageSeal | undefined) {
    this.#connector = connector;
    this.#seal = seal;
    // Questions and answers in transit may be lost when the connection breaks. Look-ups can be sent again.
    connector.onReconnect(() => {
      for (const flight of this.#flights.values()) if (flight.lookup) flight.send();
    });
  }

  open(connection: NatsConnection): void {
    // Receives from every service that answers us, for this connection alone.
    connection.subscribe(`${inboxPrefix(this.#connector.settings.name)}.*.${this.#id}.*`, {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
      },
    });
  }

  /** Resolves when every question is answered or cancelled. */
  async send(
    contract: Request<never, unknown>,
    asked: readonly Asked[],
    batch: Batch<unknown>,
  ): Promise<void> {
    if (this.#connector.live === undefined) await this.#connector.whenBack();
    const connection = this.#connector.live;
    if (connection === undefined) throw unanswered('the bus is not connected', 'the bus');
    const now = performance.now();
    for (const [position, item] of asked.entries()) item.position = position;
    const open = asked.filter((item) => !item.done);
    if (open.length === 0) return;
    const frame = encodeQuestions(
      open.map((item) => ({ ...item, budgetMs: Math.max(1, item.endsAt - now) })),
    );
    const reply = this.#nextReply(contract);
    const { message, answers } = this.#written(contract, reply, frame);
    if (message.length > this.#connector.maximumPayload) {
      throw new OciError('SIZE_INVALID', { size: message.length }, { status: 413 });
    }
    const send = () => connection.publish(questionSubject(contract.subject), message, { reply });
    const flight: Flight = {
      subject: contract.subject,
      servedBy: contract.servedBy,
      reply,
      asked: open,
      batch,
      landed: Promise.withResolvers(),
      send,
      lookup: contract.lookup === true,
      seal: answers,
      open: open.length,
    };
    for (const item of open) item.flight = flight;
    this.#flights.set(reply, flight);
    send();
    await flight.landed.promise;
  }

  /** Cancels one question and tells the process that may be working on it. */
  cancel(asked: Asked): void {
    if (asked.done) return;
    asked.done = true;
    const { flight } = asked;
    if (flight === undefined) return;
    const index = flight.asked.indexOf(asked);
    this.#connector.live?.publish(cancelSubject(flight.subject), `${flight.reply} ${index}`);
    this.#landed(flight);
  }

  /** Fails all outstanding questions. */
  close(): void {
    for (const flight of this.#flights.values())
      this.#fail(flight, unanswered('the bus is closing', 'the bus'));
  }

  #written(
    { subject, confidential }: Request<never, unknown>,
    reply: string,
    frame: Uint8Array,
  ): { readonly message: Uint8Array; readonly answers: AnswerSeal | undefined } {
    if (confidential !== true) return { message: frame, answers: undefined };
    if (this.#seal === undefined)
      throw new Error(`${subject} is confidential, and there is no services.secret`);
    return this.#seal.seal(frame, { subject, reply });
  }

  #nextReply({ servedBy }: Request<never, unknown>): string {
    this.#count += 1;
    return `${answerPrefix(this.#connector.settings.name, servedBy)}.${this.#id}.${this.#count}`;
  }

  #receive(message: Msg): void {
    const flight = this.#flights.get(message.subject);
    if (flight === undefined) return;
    if (message.data.length === 0 && message.headers?.code === 503) {
      this.#nobodyServes(flight);
      return;
    }
    const frame = flight.seal === undefined ? message.data : flight.seal.open(message.data);
    if (frame === undefined) {
      const { subject, servedBy } = flight;
      this.#connector.log.error(
        { subject },
        `an answer is not sealed for its question: is services.secret the same here and in ${servedBy}?`,
      );
      this.#fail(flight, unanswered('the answer cannot be read', 'the bus'));
      return;
    }
    try {
      for (const answer of decodeAnswers(frame)) this.#settle(flight, answer);
    } catch (err) {
      this.#connector.log.error({ err, subject: flight.subject }, 'an answer is malformed');
      this.#fail(flight, new OciError('UNKNOWN'));
    }
  }

  #nobodyServes(flight: Flight): void {
    if (!this.#connector.isRecentlyBack) {
      this.#fail(flight, unanswered('nobody serves this'));
      return;
    }
    // The servers of the subject are reconnecting, too. None of them got the question, so any question may be sent again.
    setTimeout(() => {
      if (this.#flights.has(flight.reply) && this.#connector.live !== undefined) flight.send();
    }, 100).unref();
  }

  #settle(flight: Flight, { index, value, error }: ReceivedAnswer): void {
    if (index === -1) {
      this.#fail(flight, refusalFrom(error));
      return;
    }
    const item = flight.asked[index];
    if (item === undefined || item.done) return;
    item.done = true;
    flight.batch.settle(item.position, error === undefined ? value : new Failed(refusalFrom(error)));
    this.#landed(flight);
  }

  #fail(flight: Flight, error: OciError): void {
    for (const item of flight.asked) {
      if (item.done) continue;
      item.done = true;
      flight.batch.settle(item.position, new Failed(error));
      this.#landed(flight);
    }
  }

  #landed(flight: Flight): void {
    flight.open -= 1;
    if (flight.open > 0) return;
    this.#flights.delete(flight.reply);
    flight.landed.resolve();
  }
}
