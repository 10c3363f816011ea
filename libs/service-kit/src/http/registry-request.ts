import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Identity, Rights, View } from '@longshore/authorization';
import type { Action, RouteMatch } from '@longshore/oci';
import type { ClientFacts } from './client-facts.ts';

export interface RequestOrigin {
  readonly actor: string;
  readonly request: {
    readonly id: string;
    readonly addr: string;
    readonly host: string;
    readonly method: string;
    readonly useragent: string;
  };
  readonly baseUrl: string;
}

/** A request under /v2 that has been parsed, matched to its route, and admitted. */
export class RegistryRequest {
  readonly match: RouteMatch;
  readonly identity: Identity;
  readonly client: ClientFacts;
  /** The body as it arrives. Nothing has been read from it. */
  readonly body: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #rights: Rights;
  #abort: AbortController | undefined;

  constructor(
    body: IncomingMessage,
    response: ServerResponse,
    facts: { match: RouteMatch; identity: Identity; client: ClientFacts; rights: Rights },
  ) {
    this.body = body;
    this.#response = response;
    this.match = facts.match;
    this.identity = facts.identity;
    this.client = facts.client;
    this.#rights = facts.rights;
  }

  get method(): string {
    return this.body.method ?? 'GET';
  }

  /** Path and query as received. */
  get url(): string {
    return this.body.url ?? '/';
  }

  get headers(): IncomingHttpHeaders {
    return this.body.headers;
  }

  /** Returns a header's value, or undefined. The door has checked the headers that may occur only once. */
  header(name: string): string | undefined {
    const value = this.body.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The announced length in bytes. Undefined for a chunked body. */
  get contentLength(): number | undefined {
    const length = this.body.headers['content-length'];
    return length === undefined ? undefined : Number(length);
  }

  /** The client and its request, in the form of events (@longshore/messaging, Origin). */
  get origin(): RequestOrigin {
    const { requestId, address, host, userAgent, baseUrl } = this.client;
    return {
      actor: this.identity.subject,
      request: { id: requestId, addr: address, host, method: this.method, useragent: userAgent },
      baseUrl,
    };
  }

  /** Tells whether the client has a further right on a repository, beyond those of its route. Rules may depend on the tag. */
  may(action: Action, name: string, tag?: string): boolean | Promise<boolean> {
    const { identity, client } = this;
    const resource = { type: 'repository', name, ...(tag === undefined ? {} : { tag }) } as const;
    const decided = this.#rights.decide({ identity, resource, actions: [action], client });
    return 'then' in decided
      ? decided.then(({ granted }) => granted.includes(action))
      : decided.granted.includes(action);
  }

  /** Returns what a list of repositories shows to the client. */
  get view(): View {
    return this.#rights.viewOf(this.identity, this.client);
  }

  /** Tells whether the client already has this version; `*` matches any (RFC 9110 §13.1.2). */
  knows(etag: string): boolean {
    const known = this.header('if-none-match');
    return known !== undefined && (known.trim() === '*' || known.includes(etag));
  }

  /** Returns the value of a Location for a path. */
  located(path: string): string {
    return `${this.client.locationBase}${path}`;
  }

  /** True if bytes may follow the head. */
  get hasBody(): boolean {
    return this.body.headers['transfer-encoding'] !== undefined || (this.contentLength ?? 0) > 0;
  }

  /** Aborted if the client goes away before its answer is complete. Created on first use, since most requests need none. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#response.once('close', () => {
        if (!this.#response.writableFinished) abort.abort(new ClientGone());
      });
      if (this.#response.destroyed) abort.abort(new ClientGone());
    }
    return this.#abort.signal;
  }
}

/** The reason of a request's signal: the client closed the connection. Logged as 499, with no answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('the client closed the connection');
  }
}
