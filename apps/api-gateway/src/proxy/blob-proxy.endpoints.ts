import { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type OciError, unavailable } from '@longshore/oci';
import { Endpoint, type RegistryRequest, type Reply } from '@longshore/service-kit';
import { isTracing, traced } from '@longshore/telemetry';
import { Agent, type Dispatcher } from 'undici';
import type { Attempt } from './attempt.ts';
import { forwardedReplyHeaders, forwardedRequestHeaders } from './forward.ts';
import { isConnectFailure, replicaConnector } from './replica-connector.ts';
import { ReplicaPulse } from './replica-pulse.ts';
import { GatewaySettings } from '../gateway-settings.ts';
import { type Replica, Upstreams } from './upstreams.ts';

/** Forwards blob routes to blob-service: one hop over HTTP/1.1 keep-alive, bytes streamed both ways, nothing buffered. */
@Injectable()
export class BlobProxyEndpoints implements OnApplicationShutdown {
  // Has a deadline on progress only: a body may take hours while it moves.
  readonly #agent: Agent;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly pulse: ReplicaPulse,
    private readonly settings: GatewaySettings,
  ) {
    this.#agent = new Agent({
      bodyTimeout: 120_000,
      connect: replicaConnector(settings.replicaTls, { timeout: 2_000 }),
      keepAliveTimeout: 30_000,
      pipelining: 1,
    });
  }

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
    // Reads the empty body to its end, so that the connection is free for the next request.
    await answer.body.dump();
    return reply;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.close();
  }

  /** Tries the next replica only if nothing of the body has been sent (it cannot be sent twice), and if the request may run on both. */
  async #send(
    request: RegistryRequest,
    [replica, ...others]: readonly Replica[],
  ): Promise<Dispatcher.ResponseData> {
    if (replica === undefined || this.upstreams.isGivenUp(replica.origin)) throw away('no replica answers');
    const { origin } = replica;
    const attempt = this.pulse.begin(replica, { isMovable: others.length > 0 && isRepeatable(request) });
    try {
      return await this.#ask(request, attempt);
    } catch (error) {
      if (request.signal.aborted) throw error;
      this.upstreams.failed(origin);
      const isUntouched = !request.hasBody || !request.body.readableDidRead;
      if (isUntouched && (isConnectFailure(error) || isRepeatable(request)))
        return this.#send(request, others);
      throw away(`${origin}: ${error instanceof Error ? error.message : String(error)}`, error);
    } finally {
      this.pulse.end(attempt);
    }
  }

  #ask(request: RegistryRequest, attempt: Attempt): Promise<Dispatcher.ResponseData> {
    if (!isTracing()) return this.#forward(request, attempt);
    const attributes = { 'http.request.method': request.method, 'server.address': attempt.replica.origin };
    return traced(`${request.method} blob-service`, { kind: 'client', attributes }, () =>
      this.#forward(request, attempt),
    );
  }

  #forward(request: RegistryRequest, attempt: Attempt): Promise<Dispatcher.ResponseData> {
    const { origin, host } = attempt.replica;
    return this.#agent.request({
      origin,
      path: request.url,
      method: request.method,
      headers: forwardedRequestHeaders(request, this.settings.seal, host),
      body: request.hasBody ? Readable.from(attempt.chunksOf(request.body)) : null,
      signal: AbortSignal.any([request.signal, attempt.signal]),
      headersTimeout: mayWork(request) ? longestWork : longestLook,
    });
  }
}

/** Milliseconds that the head of an answer may take for a look-up. */
const longestLook = 60_000;
/** Milliseconds for an answer that needs bytes stored, or hashed again. A replica that hangs is detected long before (ReplicaPulse). */
const longestWork = 1_800_000;

function mayWork({ hasBody, method }: RegistryRequest): boolean {
  return hasBody || method === 'PUT';
}

/** A repeated request of this kind at most leaves an empty session behind. */
function isRepeatable({ hasBody, method }: RegistryRequest): boolean {
  return !hasBody && (method === 'GET' || method === 'HEAD' || method === 'POST');
}

function away(why: string, cause?: unknown): OciError {
  const outage = { what: 'blob-service', why } as const;
  return unavailable({ service: 'blob-service' }, 1, { cause, outage });
}
