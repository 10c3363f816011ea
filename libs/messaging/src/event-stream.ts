export interface StreamEvent {
  readonly id: string;
  readonly data: unknown;
  /** 1 at the first delivery of this event. */
  readonly attempt: number;
}

export type EventHandler = (event: StreamEvent) => Promise<void>;

/**
 * A queue of events between services. One consumer handles each event, at least once, in no promised order.
 *
 * The stream may lose everything at any time. A publisher keeps its own record until `publish` resolves, and a consumer stores its own before its
 * handler resolves.
 */
export abstract class EventStream {
  /**
   * Resolves when the stream has stored the event. Publishing the same id again within ten minutes stores nothing. Rejects if the event was not
   * stored, or if that is unknown.
   * @param data JSON.
   */
  abstract publish(id: string, data: unknown): Promise<void>;

  /**
   * Handles the events of the stream from now on. All processes that consume under one name share them. If a handler rejects, the event is delivered
   * again after a delay that grows with `attempt`, without a limit on attempts.
   */
  abstract consume(name: string, handler: EventHandler): void;

  /** Takes no more events, waits for running handlers, disconnects. Idempotent. */
  abstract close(): Promise<void>;
}
