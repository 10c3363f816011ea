import {
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
  type RequestOptions,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import type { StoreAgents } from '@longshore/storage-remote';

export interface HttpCall {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The pieces of the body in order. A repeated call sends them again. */
  readonly body?: readonly Uint8Array[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Returns a header's value, or undefined if it is missing. Repeated values are joined. */
  header(name: string): string | undefined;
  readonly body: IncomingMessage;
}

/**
 * Bytes of a body from which on `Expect: 100-continue` is sent. A server can then refuse the request (expired token) before it gets the body, instead
 * of closing the connection.
 */
const askBefore = 256 * 1024;
/** Milliseconds to wait for 100 (Continue). A proxy may not know `Expect`; then RFC 9110 §10.1.1 lets the client send the body after a while. */
const patience = 1000;
/** Limit in bytes of an answer that is read whole: a listing of 10,000 names, a manifest. */
const largestText = 64 * 1024 * 1024;

/** Sends a request and returns the head of its answer. The caller reads the body or drops it. */
export function httpCall(agents: StoreAgents, call: HttpCall): Promise<HttpAnswer> {
  const { method, url, headers, body = [], signal } = call;
  const size = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const isLarge = size >= askBefore;
  const options: RequestOptions = {
    method,
    signal,
    headers: {
      ...headers,
      ...(method === 'PUT' || method === 'POST' ? { 'content-length': size } : {}),
      ...(isLarge ? { expect: '100-continue' } : {}),
    },
  };
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? requestHttps(url, { ...options, agent: agents.https })
        : requestHttp(url, { ...options, agent: agents.http });
    sent.on('response', (answer) => {
      resolve({ status: answer.statusCode ?? 0, header: (name) => headerOf(answer, name), body: answer });
    });
    // The answer may come while the body is being sent. If the connection breaks afterwards, the answer's body reports it.
    sent.on('error', reject);
    if (isLarge) sendWhenAsked(sent, body);
    else send(sent, body);
  });
}

/** Reads the whole body as text. @throws Error if the answer breaks off */
export async function textOf({ body }: HttpAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > largestText) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Reads the rest of an answer, so that its connection can be reused. */
export async function dropped({ body }: HttpAnswer): Promise<void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > askBefore) break;
  }
}

function sendWhenAsked(sent: ClientRequest, body: readonly Uint8Array[]): void {
  let isAsked = false;
  const go = (): void => {
    clearTimeout(timer);
    if (!isAsked) send(sent, body);
    isAsked = true;
  };
  const timer = setTimeout(go, patience);
  sent.on('continue', go);
  sent.on('close', () => clearTimeout(timer));
  sent.on('response', (answer) => {
    clearTimeout(timer);
    // The announced body was not sent, so the connection cannot be reused after the answer.
    if (!isAsked) answer.once('end', () => sent.destroy());
    isAsked = true;
  });
  sent.flushHeaders();
}

function send(sent: ClientRequest, body: readonly Uint8Array[]): void {
  for (const bytes of body) sent.write(bytes);
  sent.end();
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
