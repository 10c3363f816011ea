import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OciError } from '@longshore/oci';
import { Injectable } from '@nestjs/common';
import { Clients } from './clients.ts';
import { Door } from './door.ts';
import { errorReply } from './error-reply.ts';
import { type Exchange, exchangeOf, rememberExchange } from './exchange.ts';
import { FrontSettings } from './front-settings.ts';
import { ClientGone } from './registry-request.ts';
import { empty, type Reply, type ReplyHeaders } from './reply.ts';
import { RequestObserver } from './request-observer.ts';
import { refusalOfMessage } from './request-message.ts';
import { endRequestSpan, requestSpan } from './request-span.ts';
import { discard, writeReply } from './write-reply.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Takes every request of the listener: assigns an id, determines the client, sets the configured headers, and reports the outcome. The door answers
 * paths under /v2, Nest's controllers all others. Without controllers the door answers all.
 */
@Injectable()
export class Front {
  #controllers: Listener | undefined;

  constructor(
    private readonly door: Door,
    private readonly clients: Clients,
    private readonly observer: RequestObserver,
    private readonly settings: FrontSettings,
  ) {}

  /** @param controllers Fastify's listener, which leads to Nest's controllers */
  open(controllers: Listener): void {
    this.#controllers = controllers;
  }

  /** Answers every request and never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const malformed = refusalOfMessage(request, response);
    const exchange = this.#begin(request, response);
    if (exchange.span === undefined) this.#dispatch(exchange, malformed);
    else exchange.span.run(() => this.#dispatch(exchange, malformed));
  }

  #dispatch(exchange: Exchange, malformed: OciError | undefined): void {
    const { request } = exchange;
    if (malformed !== undefined) void this.#serve(exchange, () => Promise.reject(malformed));
    else if (this.#isForServer(request)) void this.#serve(exchange, this.#options);
    else if (this.#controllers === undefined || isRegistryPath(request.url ?? ''))
      void this.#serve(exchange, this.#registry);
    else this.#pass(exchange);
  }

  /**
   * Tells whether the request is OPTIONS of the server itself, or a browser's preflight that the configured headers answer. Browsers send no
   * credentials with it.
   */
  #isForServer({ method, url }: IncomingMessage): boolean {
    return method === 'OPTIONS' && (url === '*' || this.settings.answersPreflight);
  }

  readonly #registry = (exchange: Exchange): Promise<Reply> => this.door.answer(exchange);

  readonly #options = (exchange: Exchange): Promise<Reply> => {
    this.#enter(exchange, 'options');
    return Promise.resolve(empty(204));
  };

  /** Records the Nest route of a request. */
  routed(request: IncomingMessage, pattern: string): void {
    this.#enter(exchangeOf(request), pattern);
  }

  #enter(exchange: Exchange, handler: string): void {
    exchange.handler = handler;
    this.observer.started(handler);
  }

  #begin(request: IncomingMessage, response: ServerResponse): Exchange {
    const client = this.clients.of(request);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('x-request-id', client.requestId);
    for (const [name, values] of this.settings.headers) response.setHeader(name, values);
    return {
      request,
      response,
      client,
      span: this.settings.traced ? requestSpan(request, client) : undefined,
      began: performance.now(),
      handler: undefined,
      match: undefined,
      identity: undefined,
      isRecorded: false,
      endTransfer: undefined,
      fault: undefined,
    };
  }

  async #serve(exchange: Exchange, answer: (exchange: Exchange) => Promise<Reply>): Promise<void> {
    const { request, response, client } = exchange;
    let reply;
    try {
      reply = await answer(exchange);
    } catch (error) {
      exchange.fault = error;
      reply = errorReply(error, client.requestId);
    }
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    let { status } = reply;
    try {
      if (response.destroyed) throw new ClientGone();
      await writeReply(request, response, reply);
    } catch (error) {
      // The head has been sent, so only a cut connection can report the failure.
      response.destroy();
      if (reply.body !== undefined && 'destroy' in reply.body) discard(reply.body);
      status = 499;
      exchange.fault ??= error;
    }
    this.#end(exchange, status, reply.headers);
  }

  #pass(exchange: Exchange): void {
    const { request, response } = exchange;
    rememberExchange(exchange);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 499;
      const length = response.getHeader('content-length');
      this.#end(exchange, status, length === undefined ? {} : { 'content-length': Number(length) });
    });
    this.#controllers?.(request, response);
  }

  #end(exchange: Exchange, status: number, headers: ReplyHeaders): void {
    if (exchange.handler === undefined) this.#enter(exchange, 'unmatched');
    const { handler = 'unmatched', identity, span, endTransfer } = exchange;
    const { request, client, match, fault, isRecorded } = exchange;
    const subject = identity?.subject;
    endTransfer?.();
    const seconds = (performance.now() - exchange.began) / 1000;
    const described = { request, client, handler, match, subject, identity };
    const outcome = { ...described, isRecorded, status, headers, seconds, fault };
    if (span === undefined) this.observer.observe(outcome);
    else {
      // The access log names the span.
      span.run(() => this.observer.observe(outcome));
      endRequestSpan(span, outcome);
    }
  }
}

/** Sends any spelling that a lenient router could take for /v2 to the door, which refuses all but the exact one. */
function isRegistryPath(url: string): boolean {
  return url.startsWith('/v2') || url.startsWith('//') || /^\/[%vV]/.test(url);
}
