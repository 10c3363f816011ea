import type { IncomingMessage, ServerResponse } from 'node:http';
import { matchRoute, OciError, type RouteMatch } from '@longshore/oci';
import { Injectable } from '@nestjs/common';
import { AccessGuard } from '../access/access-guard.ts';
import { EndpointTable } from '../endpoints/endpoint-table.ts';
import { clientFacts, type ClientFacts, TrustedProxies } from './client-facts.ts';
import { DoorSettings } from './door-settings.ts';
import { errorReply } from './error-reply.ts';
import { RequestObserver } from './request-observer.ts';
import { ClientGone, RegistryRequest } from './registry-request.ts';
import type { Reply } from './reply.ts';
import { refuseRepeatedHeaders } from './single-headers.ts';
import { discard, writeReply } from './write-reply.ts';

/**
 * Everything under /v2: one match of the raw path, one decision on access, one handler, one writer of the answer. It is a
 * plain function under Node's server, before Fastify: measured, a global Nest guard and interceptor cost 35–50 % of small requests.
 */
@Injectable()
export class RegistryDoor {
  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly endpoints: EndpointTable,
    private readonly guard: AccessGuard,
    private readonly proxies: TrustedProxies,
    private readonly observer: RequestObserver,
    private readonly settings: DoorSettings,
  ) {}

  /** Answers the request whatever happens; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const client = clientFacts(request, this.proxies);
    const turn: { match?: RouteMatch; fault?: unknown; subject?: string } = {};
    let reply: Reply;
    try {
      reply = await this.#answer(request, response, { client, turn });
    } catch (error) {
      turn.fault = error;
      reply = errorReply(error, client.requestId);
    }
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('x-request-id', client.requestId);
    for (const [name, values] of this.settings.headers) response.setHeader(name, values);
    let status = reply.status;
    try {
      if (response.destroyed) throw new ClientGone();
      await writeReply(request, response, reply);
    } catch (error) {
      // The head is out, so the only honest end is a cut connection.
      response.destroy();
      if (reply.body !== undefined && 'destroy' in reply.body) discard(reply.body);
      status = 499;
      turn.fault ??= error;
    }
    if (turn.match === undefined) this.observer.started('unmatched');
    this.observer.observe({
      request,
      client,
      ...turn,
      status,
      headers: reply.headers,
      seconds: (performance.now() - started) / 1000,
    });
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { client, turn }: { client: ClientFacts; turn: { match?: RouteMatch; subject?: string } },
  ): Promise<Reply> {
    refuseRepeatedHeaders(request);
    const match = matchRoute(request.method ?? 'GET', request.url ?? '/');
    turn.match = match;
    this.observer.started(match.id);
    const admitted = this.guard.admit(request, match, client);
    const identity = 'then' in admitted ? await admitted : admitted;
    turn.subject = identity.subject;
    if (this.settings.readOnly && !isRead(match.method))
      throw new OciError('UNSUPPORTED', { reason: 'the registry is read-only' });
    const handler = this.endpoints.find(match.id);
    if (handler === undefined) throw new OciError('NOT_FOUND', { path: request.url });
    return handler(new RegistryRequest(request, response, { match, identity, client }));
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
