import { once } from 'node:events';
import type { Server } from 'node:tls';
import { parseAddress } from '@longshore/configuration';
import type { ServiceLog } from '../observation/service-log.ts';
import { AcmeFolder } from './acme-folder.ts';
import { AcmeOrders, type AcmeSettings, type OrderTimes } from './acme-orders.ts';
import { httpChallengeServer } from './answer-http.ts';
import { answerTlsChallenges } from './answer-tls.ts';

export interface AcmeOptions {
  readonly settings: AcmeSettings;
  /** The clients' listener. Orders end when it closes. */
  readonly server: Server;
  readonly log: Pick<ServiceLog, 'info' | 'error'>;
  readonly times?: OrderTimes;
}

/** Answers the challenges of the ACME server, and orders certificates until the listener closes. @throws Error if it cannot listen for http-01 */
export async function startAcme({ settings, server, log, times }: AcmeOptions): Promise<void> {
  const folder = new AcmeFolder(settings.cachefile);
  const closed = new AbortController();
  server.once('close', () => closed.abort());
  if (settings.challenge === 'tls-alpn-01') answerTlsChallenges(server, folder, settings.hosts);
  else await listenForHttp(settings, folder, { log, signal: closed.signal });
  void new AcmeOrders(settings, folder, log, times).run(closed.signal);
}

async function listenForHttp(
  { hosts, httpaddr }: AcmeSettings,
  folder: AcmeFolder,
  { log, signal }: Pick<AcmeOptions, 'log'> & { readonly signal: AbortSignal },
): Promise<void> {
  const failed = (fault: unknown): void =>
    log.error(fault, 'the folder of http.tls.letsencrypt cannot be read');
  const plain = httpChallengeServer(folder, hosts, failed);
  const { host, port } = parseAddress(httpaddr);
  plain.listen(port, host ?? '::');
  await once(plain, 'listening');
  signal.addEventListener('abort', () => {
    plain.close();
    plain.closeAllConnections();
  });
}
