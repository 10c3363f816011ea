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
  /** One after the other; sent again as they are when the call is repeated. */
  readonly body?: readonly Uint8Array[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Undefined when it is missing; the values of a repeated one are joined. */
  header(name: string): string | undefined;
  readonly body: IncomingMessage;
}

/** A server that is to refuse a body of so many bytes (an expired token) shall do it before they are sent, and not by hanging up. */
const askBefore = 256 * 1024;
/** A proxy in between may know nothing of `Expect`. RFC 9110 §10.1.1 has the client send the body all the same, after a while. */
const patience = 1000;
/** Answers that are read whole: listings of 10,000 names, manifests. */
const largestText = 64 * 1024 * 1024;

/** One request and its answer's head; whoever gets the answer reads its body, or drops it. */
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
    // An answer may come while the body is on its way; that the connection breaks afterwards is the answer's matter.
    sent.on('error', reject);
    if (isLarge) sendWhenAsked(sent, body);
    else send(sent, body);
  });
}

/** @throws Error when the answer breaks off */
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

/** Reads the rest of an answer, so that its connection can be used again. */
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
    // The body does not follow, as its length promised: the connection is of no more use when the answer has been read.
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
