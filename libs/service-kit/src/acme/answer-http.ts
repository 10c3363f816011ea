import { createServer, type RequestListener, type Server } from 'node:http';
import type { AcmeFolder } from './acme-folder.ts';

const prefix = '/.well-known/acme-challenge/';

/** Creates the plain HTTP server that answers http-01, on port 80 for the authority. It leads people who open a host of ours to HTTPS. */
export function httpChallengeServer(
  folder: AcmeFolder,
  hosts: readonly string[],
  failed: (fault: unknown) => void,
): Server {
  const listener: RequestListener = (request, response) => {
    const { url = '', method = '', headers } = request;
    const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const isRead = method === 'GET' || method === 'HEAD';
    const end = (status: number, text = ''): void => {
      response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) });
      response.end(method === 'HEAD' ? '' : text);
    };
    if (!isRead) end(405);
    else if (!url.startsWith(prefix)) {
      // Only to hosts of ours: a client must not choose where it sends others.
      if (hosts.includes(host)) response.setHeader('location', `https://${host}${url}`);
      end(hosts.includes(host) ? 308 : 404);
    } else
      folder.answer('http-01', url.slice(prefix.length)).then(
        (answer) => end(answer === undefined ? 404 : 200, answer),
        (fault: unknown) => {
          failed(fault);
          end(503);
        },
      );
  };
  return createServer(
    { maxHeaderSize: 8 * 1024, headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 1_000 },
    listener,
  );
}
