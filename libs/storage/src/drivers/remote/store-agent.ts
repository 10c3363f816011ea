import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sharedReads } from './read-memory.ts';

export interface StoreAgentOptions {
  /** Connections that are kept open while nothing needs them. There is no limit to those in use: slow readers must not keep others out. */
  readonly idleConnections?: number | undefined;
  /** How long a connection in use may be silent, in both directions, before it is cut. Milliseconds. */
  readonly stall?: number | undefined;
  readonly skipVerify?: boolean | undefined;
  /** A file of certificates to trust instead of the system's. */
  readonly caFile?: string | undefined;
}

export interface StoreAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Long enough for a store that thinks (about a large upload's completion), short enough for a client that waits. */
const usualStall = 30_000;

/**
 * Connections that are kept, go through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, and are cut when nothing passes for a while: a
 * deadline on progress, however long the whole takes. @throws Error of the file system when the CA file cannot be read
 */
export function storeAgents(options: StoreAgentOptions): StoreAgents {
  const { idleConnections = 100, stall = usualStall, skipVerify = false, caFile } = options;
  const common: AgentOptions & { readonly onread: OnReadOpts } = {
    keepAlive: true,
    maxFreeSockets: idleConnections,
    scheduling: 'lifo',
    timeout: stall,
    proxyEnv: process.env,
    onread: sharedReads,
  };
  return {
    http: new WatchedHttpAgent(common),
    https: new WatchedHttpsAgent({
      ...common,
      rejectUnauthorized: !skipVerify,
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    }),
  };
}

type CreateConnection = HttpAgent['createConnection'];
type ConnectionCallback = Parameters<CreateConnection>[1];

class WatchedHttpAgent extends HttpAgent {
  override createConnection(
    ...[options, callback]: Parameters<CreateConnection>
  ): ReturnType<CreateConnection> {
    return watched(super.createConnection(options, watching(callback)));
  }
}

class WatchedHttpsAgent extends HttpsAgent {
  override createConnection(
    ...[options, callback]: Parameters<HttpsAgent['createConnection']>
  ): ReturnType<HttpsAgent['createConnection']> {
    return watched(super.createConnection(options, watching(callback)));
  }
}

function watching(callback: ConnectionCallback): ConnectionCallback {
  return (error, stream) => callback?.(error, watched(stream));
}

/** Node only tells of a silent connection: nobody would hang up. */
function watched<T extends Duplex | null | undefined>(connection: T): T {
  if (connection instanceof Socket && connection.listenerCount('timeout', cut) === 0)
    connection.on('timeout', cut);
  return connection;
}

function cut(this: Socket): void {
  this.destroy(Object.assign(new Error('the store was silent for too long'), { code: 'ETIMEDOUT' }));
}
