import { readFileSync } from 'node:fs';
import { buildConnector } from 'undici';
import type { GatewaySettings } from '../gateway-settings.ts';

type Connect = buildConnector.connector;

/** Errors of connections that were never up. */
const connectFailures = new WeakSet<Error>();

/** Tells whether nothing was sent to the replica: it refused the connection, or the handshake of TLS failed. */
export function isConnectFailure(error: unknown): boolean {
  return error instanceof Error && connectFailures.has(error);
}

/**
 * Opens connections to replicas of blob-service, over TLS if the address is https. Reads the files for each connection, since a renewed certificate
 * replaces an expiring one.
 *
 * @param timeout milliseconds
 */
export function replicaConnector(
  files: GatewaySettings['replicaTls'],
  { timeout }: { readonly timeout: number },
): Connect {
  let inUse: { readonly read: string; readonly connect: Connect } | undefined;
  const plain = buildConnector({ timeout });
  const secure = (): Connect => {
    const [ca, cert, key] = [files.ca, files.certificate, files.key].map((path) =>
      path === undefined ? undefined : readFileSync(path, 'utf8'),
    );
    const read = JSON.stringify([ca, cert, key]);
    // Kept while the files are unchanged, since it remembers TLS sessions.
    if (inUse?.read !== read)
      inUse = { read, connect: buildConnector({ timeout, allowH2: false, ca, cert, key }) };
    return inUse.connect;
  };
  return (options, whenDone) => {
    const callback: buildConnector.Callback = (...result) => {
      if (result[0] !== null) connectFailures.add(result[0]);
      whenDone(...result);
    };
    let connect = plain;
    try {
      if (options.protocol === 'https:') connect = secure();
    } catch (error) {
      // Asynchronously, like every other failure to connect.
      queueMicrotask(() => callback(error instanceof Error ? error : new Error(String(error)), null));
      return;
    }
    return connect(options, callback);
  };
}
