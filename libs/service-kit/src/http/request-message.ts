import type { IncomingMessage, ServerResponse } from 'node:http';
import { OciError } from '@longshore/oci';
import { refuseRepeatedHeaders } from './single-headers.ts';

/** A name, an IPv4 address, or an IPv6 address in brackets, with or without a port. A name may contain `_`, like those of Compose. */
const wellFormedHost = /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
const absoluteForm = /^https?:\/\/([^/?#]+)([^#]*)$/i;
const slash = 0x2f;

/** Tells whether a text can be the host of a URL that clients get. */
export function isHost(text: string): boolean {
  return wellFormedHost.test(text);
}

/**
 * Applies the requirements of RFC 9112 on a server that Node's parser leaves out. An absolute-form target becomes the path, and its authority the
 * Host (§3.2.2). The connection of an HTTP/1.0 message with Transfer-Encoding ends with its answer (§6.1).
 * @returns the error of a message that no route may see
 */
export function refusalOfMessage(request: IncomingMessage, response: ServerResponse): OciError | undefined {
  try {
    readMessage(request, response);
    return undefined;
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
}

/** @throws OciError */
function readMessage(request: IncomingMessage, response: ServerResponse): void {
  // Node's parser also accepts HTTP/0.9 and a bare "HTTP/2.0", and passes both to the listener.
  if (request.httpVersionMajor !== 1) throw malformed({ reason: 'HTTP/1.1 is spoken here' }, 505);
  readFraming(request, response);
  refuseRepeatedHeaders(request);
  if (request.url?.charCodeAt(0) !== slash) readTarget(request);
  readHost(request);
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw malformed({ header: 'expect', reason: 'only 100-continue can be expected' }, 417);
}

function readFraming({ httpVersionMinor, headers, socket }: IncomingMessage, response: ServerResponse): void {
  if (ending.has(socket)) throw malformed({ reason: 'the connection ends with the answer before' });
  if (httpVersionMinor !== 0 || headers['transfer-encoding'] === undefined) return;
  response.shouldKeepAlive = false;
  ending.add(socket);
}

/** HTTP/1.1 requires the header (§3.2). An empty one is allowed, and carries no information. */
function readHost({ httpVersionMinor, headers: { host } }: IncomingMessage): void {
  if (host === undefined && httpVersionMinor > 0)
    throw malformed({ header: 'host', reason: 'the header is missing' });
  if (host !== undefined && host !== '' && !isHost(host))
    throw malformed({ header: 'host', reason: 'the header names no host' });
}

/** Connections with ambiguous framing: another party might have written the bytes after the first message. */
const ending = new WeakSet<object>();

function readTarget(request: IncomingMessage): void {
  const { url = '', method } = request;
  if (url === '*' && method === 'OPTIONS') return;
  const [, authority, rest = ''] = absoluteForm.exec(url) ?? [];
  if (authority === undefined) throw malformed({ reason: 'the request target is neither a path nor a URL' });
  request.headers.host = authority;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
}

function malformed(detail: Readonly<Record<string, string>>, status = 400): OciError {
  return new OciError('UNSUPPORTED', detail, { status });
}
