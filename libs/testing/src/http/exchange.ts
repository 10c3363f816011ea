import { Agent, type IncomingMessage, request as plainRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { DescriptorDocument } from '../images/tiny-image.ts';

export type Body = Uint8Array | string | Readable;

export interface ExchangeOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** A stream without a Content-Length header is sent in chunks. */
  readonly body?: Body;
  /** The agent for the connection: for https one of node:https, which has the authority and the client's certificate. By default each exchange has a new connection, so that a round-robin sees every request. */
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
  /** 60 seconds by default. */
  readonly timeoutMs?: number;
}

/** Fields that a registry's JSON may have, on any route. They are unchecked: a test asserts them. */
export interface RegistryDocument {
  readonly errors?: readonly { readonly code: string; readonly message: string; readonly detail?: unknown }[];
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly repositories?: readonly string[];
  readonly schemaVersion?: number;
  readonly mediaType?: string;
  readonly manifests?: readonly DescriptorDocument[];
  readonly extensions?: readonly { readonly name: string; readonly endpoints: readonly string[] }[];
  readonly token?: string;
  readonly access_token?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The codes of an OCI error document; empty for any other body. */
  readonly codes: readonly string[];
  /** The body as JSON, with an unchecked type: a test asserts the content. */
  json(): RegistryDocument;
}

/**
 * Performs one HTTP/1.1 exchange. The path is sent exactly as given (fetch would resolve dots and follow redirects). Rejects if the connection breaks
 * before the answer is complete.
 */
export async function exchange(origin: string, path: string, options: ExchangeOptions = {}): Promise<Answer> {
  const message = await open(origin, path, options);
  return answerOf(message, await buffer(message));
}

/** Performs the same exchange but leaves the body to the caller, who must read or destroy it. */
export function open(origin: string, path: string, options: ExchangeOptions = {}): Promise<IncomingMessage> {
  const { hostname, port, protocol } = new URL(origin);
  const [request, agent] = protocol === 'https:' ? [tlsRequest, new TlsAgent()] : [plainRequest, new Agent()];
  const { body, method = 'GET', timeoutMs = 60_000 } = options;
  const signal = AbortSignal.any([
    AbortSignal.timeout(timeoutMs),
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      hostname,
      port,
      path,
      method,
      headers: headersOf(options),
      agent: options.agent ?? agent,
      signal,
    });
    let answered = false;
    outgoing.once('response', (message) => {
      answered = true;
      resolve(message);
    });
    // An answer may arrive before the whole body is sent (413 to an endless one). A later failure of the connection does not matter then.
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    if (body instanceof Readable) {
      pipeline(body, outgoing).catch((error: unknown) => {
        if (!answered) reject(error instanceof Error ? error : new Error(String(error)));
      });
    } else {
      outgoing.end(body);
    }
  });
}

function headersOf({ headers = {}, body }: ExchangeOptions): OutgoingHttpHeaders {
  if (body instanceof Readable || 'content-length' in headers) return headers;
  return { ...headers, 'content-length': body === undefined ? 0 : Buffer.byteLength(body) };
}

function answerOf(message: IncomingMessage, body: Buffer): Answer {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const json = (): RegistryDocument => JSON.parse(body.toString());
  return { status: message.statusCode ?? 0, headers, body, codes: codesOf(headers, body), json };
}

function codesOf(headers: Readonly<Record<string, string>>, body: Buffer): string[] {
  if (!headers['content-type']?.startsWith('application/json') || body.length === 0) return [];
  const document: RegistryDocument = JSON.parse(body.toString());
  return (document.errors ?? []).map(({ code }) => code);
}
