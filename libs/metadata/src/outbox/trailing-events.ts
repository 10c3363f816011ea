import { Batcher, traceparent } from '@longshore/telemetry';
import type { Db } from '../transact.ts';
import { addEvents, type OutboxEvent } from './outbox.ts';

/**
 * Events of what changes nothing (pulls), written together and behind the answer: nothing is lost with such an event but the event, and a
 * pull does not wait for it.
 */
export class TrailingEvents {
  readonly #batcher: Batcher<OutboxEvent, void>;

  constructor(db: Db) {
    this.#batcher = new Batcher<OutboxEvent, void>({
      run: async (events) => {
        await addEvents(db, events);
        return events.map(() => undefined);
      },
      maximumKeys: 200,
      inFlight: 1,
    });
  }

  /** Never rejects: a pull whose event cannot be written is still a pull, and the database's failure is logged by whoever needs it. */
  add(events: readonly OutboxEvent[]): void {
    const trace = traceparent();
    for (const event of events) this.#batcher.get({ ...event, trace }).catch(() => undefined);
  }
}
