import { once } from 'node:events';
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestPlain,
} from 'node:http';
import { request as requestTls } from 'node:https';
import type { StoreAgents } from '@longshore/storage-remote';

export interface HttpCall {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly content?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether to return the body of a successful answer as a stream. */
  readonly streams?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The whole body, unless it is streamed. */
  readonly data?: Buffer;
  readonly body?: IncomingMessage;
}

/** Limit in bytes of a document: more than a page of 1,000 escaped names of 1,023 bytes each. */
const largestDocument = 16 * 1024 * 1024;

/** Sends one request and returns its answer, whatever the status. @throws Error of the network, or of the signal if it is aborted */
export async function exchange(agents: StoreAgents, url: string, call: HttpCall): Promise<HttpAnswer> {
  const { method, headers, content, signal, streams = false } = call;
  const isTls = url.startsWith('https:');
  const request = (isTls ? requestTls : requestPlain)(url, {
    method,
    headers,
    agent: isTls ? agents.https : agents.http,
    ...(signal === undefined ? {} : { signal }),
  });
  const response = await responseTo(request, content);
  const status = response.statusCode ?? 0;
  if (streams && status < 300) return { status, headers: response.headers, body: response };
  return { status, headers: response.headers, data: await whole(response) };
}

async function responseTo(request: ClientRequest, content: Uint8Array | undefined): Promise<IncomingMessage> {
  const answered = once(request, 'response');
  // A store that answers before it has read the body breaks the connection later. Without a listener that error would end the process.
  request.on('error', () => undefined);
  request.end(content);
  const [response]: unknown[] = await answered;
  if (response instanceof IncomingMessage) return response;
  throw new Error('the answer is none');
}

async function whole(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > largestDocument) throw new Error('the answer is larger than any of OSS');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
