import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { EventStream, type EventHandler } from '../event-stream.ts';
import { redeliveryDelay } from '../serving/redelivery-delay.ts';
import { ensureConsumer, ensureStream, isMissingStream } from './event-store.ts';
import type { NatsConnector } from './nats-connector.ts';
import { reconnectDelay } from './nats-settings.ts';
import { streamName, streamSubject } from './subjects.ts';

export interface JetStreamEventStreamOptions {
  /** Copies of the stream in a NATS cluster: 1, 3 or 5. Default 1. */
  readonly replicas?: number;
  /** Most bytes in the stream; beyond it `publish` rejects. Default 1 GiB. */
  readonly maximumBytes?: number;
  /** Milliseconds before delivery number `attempt + 1`. */
  readonly delayAfter?: (attempt: number) => number;
}

/** Milliseconds until an unacknowledged event is delivered to another process. Extended while the handler runs. */
const ackWaitMs = 30_000;
const concurrency = 16;

/** The event stream over NATS JetStream. Creates its stream and consumers, and creates them again after the server lost its store. */
export class JetStreamEventStream extends EventStream {
  readonly #connector: NatsConnector;
  readonly #options: JetStreamEventStreamOptions;
  readonly #delayAfter: (attempt: number) => number;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #connection: Promise<NatsConnection> | undefined;
  #consuming: Promise<void> | undefined;
  #messages: ConsumerMessages | undefined;
  #ensured: Promise<void> | undefined;

  constructor(connector: NatsConnector, options: JetStreamEventStreamOptions = {}) {
    super();
    this.#connector = connector;
    this.#options = options;
    this.#delayAfter = options.delayAfter ?? redeliveryDelay;
  }

  override async publish(id: string, data: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) throw new Error('the event stream is closed');
    const connection = await this.#connect();
    await this.#ensure(connection);
    const send = () =>
      jetstream(connection).publish(streamSubject, JSON.stringify(data ?? null), {
        msgID: id,
        timeout: 5_000,
      });
    try {
      await send();
    } catch (error) {
      if (!isMissingStream(error)) throw error;
      this.#ensured = undefined;
      await this.#ensure(connection);
      await send();
    }
  }

  override consume(name: string, handler: EventHandler): void {
    if (this.#consuming !== undefined) throw new Error('this stream is consumed already');
    this.#consuming = this.#consumeForever(name, handler);
  }

  override async close(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#messages?.stop();
    await this.#consuming;
    await Promise.all(this.#running);
    if (this.#connection === undefined) return;
    await this.#connection;
    await this.#connector.release();
  }

  #connect(): Promise<NatsConnection> {
    this.#connection ??= this.#connector.hold().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  #ensure(connection: NatsConnection): Promise<void> {
    const { replicas = 1, maximumBytes = 1024 ** 3 } = this.#options;
    this.#ensured ??= ensureStream(connection, { replicas, maximumBytes }).catch((error: unknown) => {
      this.#ensured = undefined;
      throw error;
    });
    return this.#ensured;
  }

  async #consumeForever(name: string, handler: EventHandler): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#consumeOnce(name, handler);
        failures = 0;
      } catch (err) {
        if (signal.aborted) return;
        failures += 1;
        this.#connector.log.warn(
          { err, consumer: name },
          'the event stream is not there; it will be made again',
        );
      }
      this.#ensured = undefined;
      await sleep(reconnectDelay(failures), undefined, { signal }).catch(() => undefined);
    }
  }

  async #consumeOnce(name: string, handler: EventHandler): Promise<void> {
    const connection = await this.#connect();
    await this.#ensure(connection);
    await ensureConsumer(connection, name, ackWaitMs);
    const consumer = await jetstream(connection).consumers.get(streamName, name);
    const messages = await consumer.consume({ max_messages: 64, abort_on_missing_resource: true });
    this.#messages = messages;
    if (this.#stopping.signal.aborted) messages.stop();
    for await (const message of messages) {
      if (this.#running.size >= concurrency) await Promise.race(this.#running);
      // An event that was fetched but not started goes to another process at once.
      if (this.#stopping.signal.aborted) message.nak();
      else this.#begin(message, handler);
    }
  }

  #begin(message: JsMsg, handler: EventHandler): void {
    const running = this.#handle(message, handler).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #handle(message: JsMsg, handler: EventHandler): Promise<void> {
    const id = message.headers?.get('Nats-Msg-Id') ?? '';
    const attempt = message.info.deliveryCount;
    const alive = setInterval(() => message.working(), ackWaitMs / 2);
    try {
      await handler({ id, data: message.json<unknown>(), attempt });
      message.ack();
    } catch (err) {
      this.#connector.log.warn({ err, event: id, attempt }, 'an event will be delivered again');
      message.nak(this.#delayAfter(attempt));
    } finally {
      clearInterval(alive);
    }
  }
}
