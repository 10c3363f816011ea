import { createLogger, type Logger } from '@longshore/telemetry';
import { EventStream, type EventHandler } from '../event-stream.ts';
import { redeliveryDelay } from '../serving/redelivery-delay.ts';

interface Queued {
  readonly id: string;
  readonly data: unknown;
  attempt: number;
}

export interface InProcessEventStreamOptions {
  readonly log?: Pick<Logger, 'warn'>;
  /** Most waiting events; beyond it `publish` rejects. Default 10,000. */
  readonly maximumWaiting?: number;
  /** Milliseconds before delivery number `attempt + 1`. */
  readonly delayAfter?: (attempt: number) => number;
}

const concurrency = 16;
const rememberedIds = 10_000;

/** The event stream within one process. It loses its events with the process, as the port allows. */
export class InProcessEventStream extends EventStream {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #maximumWaiting: number;
  readonly #delayAfter: (attempt: number) => number;
  readonly #waiting = new Set<Queued>();
  readonly #seen = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  #consumer: { name: string; handler: EventHandler } | undefined;
  #closed = false;

  constructor(options: InProcessEventStreamOptions = {}) {
    super();
    this.#log = options.log ?? createLogger({ level: 'warn' });
    this.#maximumWaiting = options.maximumWaiting ?? 10_000;
    this.#delayAfter = options.delayAfter ?? redeliveryDelay;
  }

  override async publish(id: string, data: unknown): Promise<void> {
    if (this.#closed) throw new Error('the event stream is closed');
    if (this.#seen.has(id)) return;
    if (this.#waiting.size >= this.#maximumWaiting) throw new Error('the event stream is full');
    this.#remember(id);
    this.#waiting.add({ id, data: structuredClone(data), attempt: 1 });
    this.#deliver();
  }

  override consume(name: string, handler: EventHandler): void {
    if (this.#consumer !== undefined) throw new Error(`${this.#consumer.name} consumes this stream already`);
    this.#consumer = { name, handler };
    this.#deliver();
  }

  override async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#delayed) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #remember(id: string): void {
    this.#seen.add(id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= rememberedIds) break;
      this.#seen.delete(oldest);
    }
  }

  #deliver(): void {
    for (const event of this.#waiting) {
      if (this.#closed || this.#consumer === undefined || this.#running.size >= concurrency) return;
      this.#waiting.delete(event);
      const running = this.#handle(event, this.#consumer.handler).finally(() => {
        this.#running.delete(running);
        this.#deliver();
      });
      this.#running.add(running);
    }
  }

  async #handle(event: Queued, handler: EventHandler): Promise<void> {
    try {
      await handler({ ...event });
    } catch (err) {
      this.#log.warn({ err, event: event.id, attempt: event.attempt }, 'an event will be delivered again');
      this.#deliverLater(event);
    }
  }

  #deliverLater(event: Queued): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      event.attempt += 1;
      this.#waiting.add(event);
      this.#deliver();
    }, this.#delayAfter(event.attempt));
    this.#delayed.add(timer);
  }
}
