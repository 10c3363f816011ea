import { createSecureContext, type Server } from 'node:tls';
import { runLoop } from '../loop/run-loop.ts';
import type { ServiceLog } from '../observation/service-log.ts';
import type { TlsListener } from './tls-options.ts';

type Files = TlsListener['options'];

/** Milliseconds between two checks for renewed certificates. */
const usualInterval = 10_000;

/**
 * Makes a TLS server load certificate, key, client authorities and revocation lists again whenever their files change, until it closes. Open
 * connections keep their certificate; those of clients with one end when authorities or lists change. Skips a pair that does not match until
 * the next check, since the two files may be replaced one after the other.
 */
export function takeUpRenewedCertificates(
  server: Server,
  listener: TlsListener,
  log: Pick<ServiceLog, 'info' | 'error'>,
  interval = usualInterval,
): void {
  const closed = new AbortController();
  server.once('close', () => closed.abort());
  let known = fingerprint(listener.options);
  let judged = judges(listener.options);
  /** Files that were invalid: neither tried nor reported again. */
  let refused: string | undefined;
  let told: string | undefined;
  const look = async (): Promise<'idle'> => {
    const files = await listener.read();
    told = undefined;
    const found = fingerprint(files);
    if (found === known || found === refused) return 'idle';
    refused = found;
    createSecureContext(files);
    server.setSecureContext(files);
    if (judges(files) !== judged) listener.clients.end();
    judged = judges(files);
    known = found;
    refused = undefined;
    log.info('the renewed files of http.tls are in use');
    return 'idle';
  };
  const failed = (fault: unknown): void => {
    const message = fault instanceof Error ? fault.message : String(fault);
    if (message !== told)
      log.error(fault, 'the files of http.tls cannot be used as they are; those before stay in use');
    told = message;
  };
  void runLoop({ step: look, interval, signal: closed.signal, failed });
}

function fingerprint(files: Files): string {
  return JSON.stringify([files.cert, files.key].map(String)) + judges(files);
}

/** What client certificates are checked against. */
function judges({ ca, crl }: Files): string {
  return JSON.stringify([ca, crl].map(String));
}
