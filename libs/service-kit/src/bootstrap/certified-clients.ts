import { ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ServiceLog } from '../observation/service-log.ts';

/** Decides whether a client may continue after the handshake. */
export type Admission = (client: TLSSocket) => boolean;

/**
 * The clients of a TLS listener that ask for certificates. OpenSSL checks a certificate only in the handshake, so a revocation must end the
 * connections that are open.
 */
export class CertifiedClients {
  readonly #open = new Set<TLSSocket>();
  /** The reasons of refusals in the log. Each is there once until `end`, however many clients come. */
  readonly #told = new Set<string>();

  constructor(
    private readonly admits: Admission,
    private readonly log: Pick<ServiceLog, 'warn'> | undefined,
  ) {}

  /** Takes a client that has finished its handshake, or ends the connection. */
  take(client: TLSSocket): void {
    const isGiven = client.getPeerX509Certificate() !== undefined;
    if (!this.admits(client)) {
      this.#tell(isGiven ? String(client.authorizationError) : 'none was sent', client.remoteAddress);
      client.destroy();
    } else if (isGiven) {
      this.#open.add(client);
      client.once('close', () => this.#open.delete(client));
    }
  }

  #tell(reason: string, peer: string | undefined): void {
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    this.log?.warn(
      `a client is refused for its certificate (${reason}); further ones for this reason are not reported`,
      { peer },
    );
  }

  /** Ends each connection, after the answer that is under way. The client's next connection has a handshake. */
  end(): void {
    this.#told.clear();
    for (const client of this.#open) {
      // Node keeps the current answer here.
      const answer: unknown = Reflect.get(client, '_httpMessage');
      if (!(answer instanceof ServerResponse)) client.destroySoon();
      else {
        answer.shouldKeepAlive = false;
        answer.once('finish', () => client.destroySoon());
      }
    }
  }
}
