import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthorizationError,
  connect,
  PermissionViolationError,
  type NatsConnection,
} from '@nats-io/transport-node';
import { createLogger, type Logger, type Metrics, series } from '@longshore/telemetry';
import { within } from '../serving/within.ts';
import {
  connectionOptions,
  maximumReconnectDelay,
  messageSlackBytes,
  reconnectDelay,
  type NatsSettings,
} from './nats-settings.ts';

export type NatsLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * One connection to NATS, shared by its holders. The first hold opens it, and the last release drains it. Once opened it reconnects for ever, with
 * growing delays.
 */
export class NatsConnector {
  readonly settings: NatsSettings;
  readonly log: NatsLog;
  /** Metrics in which the holders of the connection count their operations. */
  readonly metrics: Metrics | undefined;
  #holders = 0;
  #connecting: Promise<NatsConnection> | undefined;
  #connection: NatsConnection | undefined;
  #away: PromiseWithResolvers<void> | undefined;
  #attempt = 0;
  // One value per attempt: the client asks for it more often than it dials.
  #delay = reconnectDelay(0);
  #backAt = -Infinity;
  readonly #reconnected = new Set<() => void>();
  readonly #refused = new Set<string>();

  constructor(settings: NatsSettings, log: NatsLog = createLogger({ level: 'warn' }), metrics?: Metrics) {
    this.settings = settings;
    this.log = log;
    this.metrics = metrics;
    metrics?.watchGauge(series.busConnected, (set) => set({}, this.live === undefined ? 0 : 1));
  }

  /**
   * @throws Error if no server accepts us within the start deadline, if its `max_payload` is smaller than our
   *   largest message, or if it offers no TLS and TLS is configured
   */
  async hold(): Promise<NatsConnection> {
    this.#holders += 1;
    this.#connecting ??= this.#connect();
    try {
      return await this.#connecting;
    } catch (error) {
      this.#holders -= 1;
      this.#connecting = undefined;
      throw error;
    }
  }

  /** Ends one `hold`. */
  async release(): Promise<void> {
    this.#holders -= 1;
    if (this.#holders > 0 || this.#connection === undefined) return;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#connecting = undefined;
    // A disconnected client cannot drain; it would wait for a server that may never return.
    const drained = this.#away === undefined && (await within(5_000, connection.drain()));
    if (!drained) await connection.close();
    this.#back();
  }

  get maximumPayload(): number {
    return this.#connection?.info?.max_payload ?? 1024 * 1024;
  }

  /** The connection, also while it reconnects. Messages published meanwhile are sent afterwards. */
  get held(): NatsConnection | undefined {
    return this.#connection;
  }

  /** The connection, only while a server is connected. */
  get live(): NatsConnection | undefined {
    return this.#away === undefined ? this.#connection : undefined;
  }

  /** True for ten seconds after a reconnect: other services may still be reconnecting. */
  get isRecentlyBack(): boolean {
    return performance.now() - this.#backAt < 2 * maximumReconnectDelay;
  }

  /** The subjects that NATS has refused us since the connection was opened, each with the attempted operation. */
  get refused(): readonly string[] {
    return [...this.#refused];
  }

  /** Resolves when the connection is back, or has been given up. */
  whenBack(): Promise<void> {
    return this.#away?.promise ?? Promise.resolve();
  }

  onReconnect(listener: () => void): void {
    this.#reconnected.add(listener);
  }

  async #connect(): Promise<NatsConnection> {
    const connection = await this.#dial();
    const { largestMessageBytes, tls } = this.settings;
    // The client would continue without TLS.
    if (
      tls !== undefined &&
      connection.info?.tls_required !== true &&
      connection.info?.tls_available !== true
    ) {
      await connection.close();
      throw new Error(`NATS at ${connection.getServer()} offers no TLS, and nats.tls asks for it`);
    }
    const needed = largestMessageBytes + messageSlackBytes;
    const carried = connection.info?.max_payload ?? 0;
    if (carried < needed) {
      await connection.close();
      throw new Error(
        `NATS at ${connection.getServer()} carries messages of ${carried} bytes, and we need ${needed} ` +
          `(${largestMessageBytes} for the largest manifest): set max_payload in its configuration to 8MB`,
      );
    }
    this.#connection = connection;
    this.#attempt = 0;
    void this.#follow(connection);
    return connection;
  }

  async #dial(): Promise<NatsConnection> {
    const { startDeadlineMs = 60_000, servers } = this.settings;
    const options = connectionOptions(this.settings);
    const end = performance.now() + startDeadlineMs;
    for (;;) {
      try {
        return await connect({
          ...options,
          reconnectDelayHandler: () => this.#delay,
        });
      } catch (cause) {
        const delay = reconnectDelay((this.#attempt += 1));
        const denied = cause instanceof AuthorizationError;
        const problem = denied ? 'NATS refuses our credentials' : 'NATS is not there yet';
        if (performance.now() + delay > end)
          throw new Error(`${denied ? problem : 'no NATS server'} at ${servers.join(', ')}`, { cause });
        this.log.warn({ err: cause, servers }, problem);
        await sleep(delay);
      }
    }
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.#away ??= Promise.withResolvers();
        this.log.warn({ server: status.server }, 'NATS is away');
      } else if (status.type === 'reconnecting') {
        this.#delay = reconnectDelay((this.#attempt += 1));
      } else if (status.type === 'reconnect') {
        this.#attempt = 0;
        this.#delay = reconnectDelay(0);
        this.#backAt = performance.now();
        this.#refused.clear();
        this.log.info({ server: status.server }, 'NATS is back');
        this.#back();
        for (const listener of this.#reconnected) listener();
      } else if (status.type === 'error') {
        this.#noteRefusal(status.error);
        this.log.error({ err: status.error }, 'NATS reports an error');
      }
    }
  }

  #noteRefusal(error: Error): void {
    if (error instanceof PermissionViolationError)
      this.#refused.add(`${error.operation} of ${error.subject}`);
  }

  #back(): void {
    this.#away?.resolve();
    this.#away = undefined;
  }
}
