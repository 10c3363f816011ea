import { Batcher, traceparent } from '@longshore/telemetry';
import type { Db } from '../transact.ts';
import { addEvents, type OutboxEvent } from './outbox.ts';

/**
 * Writes events that accompany no change (pulls), in batches and after the answer. A lost write loses only the event, and a pull does not wait for
 * it.
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

  /** Never rejects: a pull succeeds although its event cannot be written. Queries that need the database log its failure. */
  add(events: readonly OutboxEvent[]): void {
    const trace = traceparent();
    for (const event of events) this.#batcher.get({ ...event, trace }).catch(() => undefined);
  }
}
