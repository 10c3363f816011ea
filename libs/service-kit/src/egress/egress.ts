import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP, type LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { Agent, request, type Dispatcher } from 'undici';
import { isLoopback, ReachableAddresses } from './reachable-addresses.ts';

export interface EgressSettings {
  /** Addresses and blocks that are reached although they are link-local or a metadata service. */
  readonly networks: readonly string[];
  /** Hosts that are contacted over http. Loopback needs no entry. */
  readonly plainhosts: readonly string[];
  /** A file with PEM certificates of authorities that are trusted beside the system's. Read again for each request. */
  readonly ca?: string | undefined;
  /** Milliseconds for one whole exchange, body included. */
  readonly deadline: number;
}

export interface EgressRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Resolves a name to all its addresses, as `lookup` of node:dns. */
export type Resolve = (
  name: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Bytes. A JWK set of a hundred RSA keys has a tenth of it. */
export const maximumAnswer = 1024 * 1024;
/** Bytes. */
const maximumHeaders = 16_384;

/** A request that was not sent, or an exchange that did not end well. Names the host and never the path, which may hold a secret. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
}

/**
 * The one client for URLs that configuration, a person or a token can influence: identity providers, their keys. An exchange ends within the deadline
 * and within 1 MiB, however slow or large the answer. Redirects are refused: the address that was configured answers, or none. The scheme is https, except
 * on loopback and for configured hosts. Addresses are checked after the name was resolved, and the checked address is the one that is connected to,
 * so a name cannot change in between (DNS rebinding).
 */
export class Egress {
  readonly #settings: EgressSettings;
  readonly #reachable: ReachableAddresses;
  readonly #resolve: Resolve;

  /** @param resolve the system's resolver; a test has its own */
  constructor(settings: EgressSettings, resolve: Resolve = lookup) {
    this.#settings = settings;
    this.#reachable = new ReachableAddresses(settings.networks);
    this.#resolve = resolve;
  }

  /**
   * Sends a request and returns the whole answer, of any status but a redirect.
   * @throws EgressError
   */
  async fetch(
    url: string | URL,
    { method = 'GET', headers, body, signal }: EgressRequest = {},
  ): Promise<Response> {
    const target = this.#target(url);
    const agent = await this.#agent(target);
    const deadline = AbortSignal.timeout(this.#settings.deadline);
    try {
      const answer = await request(target, {
        dispatcher: agent,
        method,
        headers: { accept: 'application/json, */*', 'accept-encoding': 'identity', ...headers },
        ...(body === undefined ? {} : { body }),
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      });
      return await responseOf(answer, target);
    } catch (cause) {
      throw cause instanceof EgressError
        ? cause
        : new EgressError(failureOf(target, deadline, cause), { cause });
    } finally {
      await agent.destroy();
    }
  }

  #target(url: string | URL): URL {
    if (!URL.canParse(url)) throw new EgressError('not a URL');
    const target = new URL(url);
    const { protocol, username, password } = target;
    const host = hostOf(target);
    if (protocol !== 'https:' && protocol !== 'http:')
      throw new EgressError(`${host}: the scheme is not https`);
    if (protocol === 'http:' && !this.#isPlain(host))
      throw new EgressError(`${host}: the scheme is not https, and egress.plainhosts does not name the host`);
    if (username !== '' || password !== '') throw new EgressError(`${host}: the URL holds credentials`);
    const obstacle = isIP(host) === 0 ? undefined : this.#obstacle(host, target);
    if (obstacle !== undefined) throw unreachable(target, obstacle);
    return target;
  }

  #isPlain(host: string): boolean {
    return (
      this.#settings.plainhosts.includes(host) ||
      host === 'localhost' ||
      (isIP(host) !== 0 && isLoopback(host))
    );
  }

  async #agent(target: URL): Promise<Agent> {
    const { ca } = this.#settings;
    const authorities =
      ca === undefined ? {} : { ca: [...getCACertificates('default'), await readAuthorities(ca)] };
    return new Agent({
      connect: { ...authorities, lookup: this.#lookup(target) },
      maxResponseSize: maximumAnswer,
      maxHeaderSize: maximumHeaders,
    });
  }

  /** Resolves a name to the addresses that may be reached. Node calls it for names only. */
  #lookup(target: URL): LookupFunction {
    return (name, options, done) => {
      this.#resolve(name, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return done(error, '');
        const reachable = addresses.filter(({ address }) => this.#obstacle(address, target) === undefined);
        const [first] = reachable;
        if (first === undefined)
          return done(unreachable(target, this.#obstacle(addresses[0]?.address ?? '', target)), '');
        return options.all === true ? done(null, reachable) : done(null, first.address, first.family);
      });
    };
  }

  /** Returns why the address is not contacted. `localhost` over http must be loopback, whatever the resolver says. */
  #obstacle(address: string, target: URL): string | undefined {
    const isLocalOnly = target.protocol === 'http:' && !this.#settings.plainhosts.includes(hostOf(target));
    if (isLocalOnly) return isLoopback(address) ? undefined : 'not loopback, and the scheme is not https';
    return this.#reachable.has(address)
      ? undefined
      : 'link-local or a metadata service, and egress.networks does not name it';
  }
}

function unreachable(target: URL, obstacle = 'unknown'): EgressError {
  return new EgressError(`${hostOf(target)}: the address is ${obstacle}`);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

async function readAuthorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new EgressError('the file egress.ca cannot be read', { cause });
  }
}

async function responseOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  target: URL,
): Promise<Response> {
  const received = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const one of [value ?? []].flat()) received.append(name, one);
  const bytes = await body.arrayBuffer();
  if (statusCode >= 300 && statusCode < 400)
    throw new EgressError(`${hostOf(target)}: answers with a redirect, which is not followed`);
  const isBodiless = statusCode === 204 || statusCode === 205;
  return new Response(isBodiless ? null : bytes, { status: statusCode, headers: received });
}

function failureOf(target: URL, deadline: AbortSignal, cause: unknown): string {
  const host = hostOf(target);
  if (deadline.aborted) return `${host}: no answer within the deadline`;
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown error';
  return code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
    ? `${host}: the answer is larger than ${maximumAnswer} bytes`
    : `${host}: ${code}`;
}
