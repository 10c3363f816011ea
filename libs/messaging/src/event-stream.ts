export interface StreamEvent {
  readonly id: string;
  readonly data: unknown;
  /** 1 for the first delivery of this event. */
  readonly attempt: number;
}

export type EventHandler = (event: StreamEvent) => Promise<void>;

/**
 * A queue of events between services: each event is handled by one consumer, at least once, in no promised order.
 *
 * The stream may lose everything at any time. Whoever publishes keeps its own record until `publish` resolves, and whoever
 * consumes keeps its own before its handler resolves.
 */
export abstract class EventStream {
  /**
   * Resolves when the stream has stored the event. Publishing an id again within ten minutes stores nothing.
   * Rejects when it was not stored, or when that is not known.
   * @param data JSON.
   */
  abstract publish(id: string, data: unknown): Promise<void>;

  /**
   * Handles the events of the stream from now on; all processes that consume under one name share them. A handler that
   * rejects gets the event again after a delay that grows with `attempt`, for as long as it takes.
   */
  abstract consume(name: string, handler: EventHandler): void;

  /** Takes no further events, waits for running handlers, disconnects. Idempotent. */
  abstract close(): Promise<void>;
}
