import type { Session } from '../auth/session.ts';
import { TokenSource } from '../auth/token-source.ts';
import { dropped, type HttpAnswer, type HttpCall, httpCall } from './http-call.ts';
import { failureOf } from './swift-failure.ts';
import type { StoreAgents } from '@longshore/storage-remote';

export interface SwiftCall extends Omit<HttpCall, 'url'> {
  /** The unencoded path below the account: a container, or a container, a slash and an object. Empty for the account itself. */
  readonly path: string;
  /** The encoded query, without the question mark. */
  readonly query?: string | undefined;
  /** Statuses besides 2xx that are not failures. */
  readonly expected?: readonly number[] | undefined;
  /** The parameters to check if the request, and not its user, is refused. */
  readonly lookAt?: string | undefined;
}

/** Sends requests to one account of Swift with a valid token. If the token is refused, it gets a new one and tries once more. */
export class SwiftAccount {
  readonly #agents: StoreAgents;
  readonly #tokens: TokenSource;

  constructor(agents: StoreAgents, signIn: () => Promise<Session>) {
    this.#agents = agents;
    this.#tokens = new TokenSource(signIn);
  }

  /** @throws SwiftFailure for any other status; StorageError; the network's error */
  async call(call: SwiftCall): Promise<HttpAnswer> {
    const session = await this.#tokens.current();
    const answer = await this.#send(session, call);
    if (answer.status !== 401) return this.#expected(call, answer);
    await dropped(answer);
    return this.#expected(call, await this.#send(await this.#tokens.instead(session), call));
  }

  /** Returns the service's own description, or undefined if it has none. Needs no token. */
  async info(): Promise<HttpAnswer | undefined> {
    const { storageUrl } = await this.#tokens.current();
    const url = new URL(storageUrl);
    url.pathname = `${url.pathname.replace(/\/v1(?:\/.*)?$/, '')}/info`;
    const answer = await httpCall(this.#agents, { method: 'GET', url });
    if (answer.status < 300) return answer;
    // A temporary failure does not mean that the service lacks large objects.
    if (answer.status === 429 || answer.status >= 498) throw await failureOf('/info', answer);
    await dropped(answer);
    return undefined;
  }

  /** Returns the URL of an object for clients. */
  async urlOf(path: string): Promise<URL> {
    return urlBelow((await this.#tokens.current()).storageUrl, path);
  }

  async #send(
    { token, storageUrl }: Session,
    { path, query, headers, method, body, signal }: SwiftCall,
  ): Promise<HttpAnswer> {
    const url = urlBelow(storageUrl, path);
    if (query !== undefined) url.search = query;
    return httpCall(this.#agents, {
      method,
      body,
      signal,
      url,
      headers: { ...headers, 'x-auth-token': token },
    });
  }

  async #expected(
    { method, path, expected = [], lookAt }: SwiftCall,
    answer: HttpAnswer,
  ): Promise<HttpAnswer> {
    const { status } = answer;
    if ((status >= 200 && status < 300) || expected.includes(status)) return answer;
    const isDenied = status === 401 || status === 403;
    const about = `${method} ${path === '' ? 'of the account' : `/${path}`}`;
    throw await failureOf(about, answer, isDenied ? 'container, and what its user may do' : lookAt);
  }
}

/** Encodes a name for the path of a URL: all special characters except slashes. */
export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function urlBelow(storageUrl: URL, path: string): URL {
  const url = new URL(storageUrl);
  if (path !== '') url.pathname += `/${encodedPath(path)}`;
  return url;
}
