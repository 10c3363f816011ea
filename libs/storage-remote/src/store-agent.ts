import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from 'node:https';
import { type OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sharedReads } from './read-memory.ts';
import { watchProgress } from './watch-progress.ts';

export interface StoreAgentOptions {
  /** Idle connections that are kept open. Connections in use have no limit: slow readers must not keep others out. */
  readonly idleConnections?: number | undefined;
  /** Milliseconds of silence, in both directions, after which a connection is closed. */
  readonly stall?: number | undefined;
  readonly skipVerify?: boolean | undefined;
  /** Path of a file with certificates to trust instead of the system's. */
  readonly caFile?: string | undefined;
}

export interface StoreAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Long enough for a store that works on a large upload's completion, short enough for a waiting client. */
const usualStall = 30_000;

/**
 * Creates agents that keep connections alive and use the proxy of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. They close a connection that makes no
 * progress for a while; a whole request may take any time. @throws Error of the file system if the CA file cannot be read
 */
export function storeAgents(options: StoreAgentOptions): StoreAgents {
  const { idleConnections = 100, stall = usualStall, skipVerify = false, caFile } = options;
  const common: AgentOptions & { readonly onread: OnReadOpts } = {
    keepAlive: true,
    maxFreeSockets: idleConnections,
    scheduling: 'lifo',
    proxyEnv: process.env,
    onread: sharedReads,
  };
  return {
    http: new WatchedHttpAgent(common, stall),
    https: new WatchedHttpsAgent(
      {
        ...common,
        rejectUnauthorized: !skipVerify,
        ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
      },
      stall,
    ),
  };
}

type CreateConnection = HttpAgent['createConnection'];
type ConnectionCallback = Parameters<CreateConnection>[1];

class WatchedHttpAgent extends HttpAgent {
  readonly #watch: Watch;

  constructor(options: AgentOptions, stall: number) {
    super(options);
    this.#watch = new Watch(stall);
  }

  override createConnection(
    ...[options, callback]: Parameters<CreateConnection>
  ): ReturnType<CreateConnection> {
    return this.#watch.over(super.createConnection(options, this.#watch.behind(callback)));
  }
}

class WatchedHttpsAgent extends HttpsAgent {
  readonly #watch: Watch;

  constructor(options: HttpsAgentOptions, stall: number) {
    super(options);
    this.#watch = new Watch(stall);
  }

  override createConnection(
    ...[options, callback]: Parameters<HttpsAgent['createConnection']>
  ): ReturnType<HttpsAgent['createConnection']> {
    return this.#watch.over(super.createConnection(options, this.#watch.behind(callback)));
  }
}

/** Watches the connections of an agent. Node may pass a connection twice: as a return value and through a callback. */
class Watch {
  readonly #watched = new WeakSet<Socket>();
  readonly #stall: number;

  constructor(stall: number) {
    this.#stall = stall;
  }

  over<T extends Duplex | null | undefined>(connection: T): T {
    if (connection instanceof Socket && !this.#watched.has(connection)) {
      this.#watched.add(connection);
      watchProgress(connection, this.#stall);
    }
    return connection;
  }

  behind(callback: ConnectionCallback): ConnectionCallback {
    return (error, stream) => callback?.(error, this.over(stream));
  }
}
