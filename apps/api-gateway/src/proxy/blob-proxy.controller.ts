import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OciError } from '@longshore/oci';
import { Endpoint, type RegistryRequest, type Reply } from '@longshore/service-kit';
import { Agent, type Dispatcher } from 'undici';
import { forwardedReplyHeaders, forwardedRequestHeaders } from './forward.ts';
import { Upstreams } from './upstreams.ts';

/** Blob routes in a deployment of many processes: one hop over HTTP/1.1 keep-alive, bytes streamed both ways, nothing held. */
@Injectable()
export class BlobProxyController implements OnApplicationShutdown {
  // A deadline on progress only: a body may take hours as long as it moves.
  readonly #agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 120_000,
    connect: { timeout: 2_000 },
    keepAliveTimeout: 30_000,
    pipelining: 1,
  });

  constructor(private readonly upstreams: Upstreams) {}

  @Endpoint(
    'blob-get',
    'blob-delete',
    'upload-start',
    'upload-status',
    'upload-patch',
    'upload-put',
    'upload-cancel',
  )
  async forward(request: RegistryRequest): Promise<Reply> {
    const answer = await this.#send(request, this.upstreams.order());
    const reply = { status: answer.statusCode, headers: forwardedReplyHeaders(answer.headers) };
    if (request.method !== 'HEAD') return { ...reply, body: answer.body };
    // Read to its end, empty as it is, so that the connection is free for the next request.
    await answer.body.dump();
    return reply;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.close();
  }

  /** The next replica is tried only while nothing of the request has been sent: a body cannot be sent twice. */
  async #send(
    request: RegistryRequest,
    [origin, ...others]: readonly string[],
  ): Promise<Dispatcher.ResponseData> {
    if (origin === undefined)
      throw new OciError('UNAVAILABLE', { service: 'blob-service' }, { headers: { 'retry-after': '1' } });
    try {
      return await this.#agent.request({
        origin,
        path: request.url,
        method: request.method,
        headers: forwardedRequestHeaders(request.headers, request.client),
        body: request.hasBody ? Readable.from(chunksOf(request.body)) : null,
        signal: request.signal,
      });
    } catch (error) {
      if (request.signal.aborted) throw error;
      this.upstreams.failed(origin);
      const untouched = !request.hasBody || !request.body.readableDidRead;
      if (untouched && (isConnectFailure(error) || request.method === 'GET' || request.method === 'HEAD'))
        return this.#send(request, others);
      throw new OciError(
        'UNAVAILABLE',
        { service: 'blob-service' },
        { headers: { 'retry-after': '1' }, cause: error },
      );
    }
  }
}

/**
 * undici destroys a stream that it could not send whole, and the client's connection would go with it before the client has its answer. A
 * loop that is left early only stops reading.
 */
async function* chunksOf(body: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk;
}

function isConnectFailure(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (
    code === 'ECONNREFUSED' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    code === 'ENOTFOUND' ||
    code === 'EHOSTUNREACH'
  );
}
