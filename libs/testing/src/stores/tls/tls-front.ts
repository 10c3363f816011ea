import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../../certificate.ts';
import { portOf } from '../../http/port-of.ts';

export interface TlsFront {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** Path of its self-signed certificate. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/**
 * Starts a server with TLS and a new certificate in front of another one. Headers that name the server behind it are rewritten to the front. Needs
 * `openssl`.
 */
export async function startTlsFront(server: string): Promise<TlsFront> {
  const home = await mkdtemp(join(tmpdir(), 'longshore-tls-'));
  const { certificate, key } = selfSigned(home, 'store', 'IP:127.0.0.1');
  const front = createServer(
    { key: await readFile(key), cert: await readFile(certificate) },
    (incoming, outgoing) => forward(server, incoming, outgoing),
  ).listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    origin: `https://127.0.0.1:${portOf(front.address())}`,
    certificate,
    stop: async () => {
      front.closeAllConnections();
      front.close();
      await rm(home, { recursive: true });
    },
  };
}

/** Forwards a request with the front's Host, which is signed. */
function forward(server: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url: path, rawHeaders: headers } = incoming;
  const { hostname, port } = new URL(server);
  const sent = request({ hostname, port, method, path, headers, setHost: false }, (answer) => {
    const itself = `http://${incoming.headers.host}`;
    const told = answer.rawHeaders.map((text) => (text.startsWith(itself) ? `https${text.slice(4)}` : text));
    outgoing.writeHead(answer.statusCode ?? 502, told);
    answer.on('error', () => outgoing.destroy()).pipe(outgoing);
  });
  sent.on('error', () => outgoing.destroy());
  incoming.on('error', () => sent.destroy()).pipe(sent);
}
