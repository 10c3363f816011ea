import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { StoreAgents } from '@longshore/storage-remote';
import OSS from 'ali-oss';
import type { CredentialSource, OssCredentials } from './credentials/oss-credentials.ts';
import { exchange, type HttpAnswer } from './exchange.ts';
import type { OssAddress } from './oss-address.ts';
import { OssFailure } from './oss-failure.ts';

export interface OssClientOptions {
  readonly bucket: string;
  readonly address: OssAddress;
  /** For signatures of version 4; undefined for version 1. */
  readonly region: string | undefined;
  readonly credentials: CredentialSource;
  readonly agents: StoreAgents;
}

export interface OssCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Name of the object; undefined for the bucket. */
  readonly name?: string;
  /** Parameters that select another operation; '' for those without a value. */
  readonly subresource?: Readonly<Record<string, string>>;
  /** Empty parameters are not sent. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Buffer;
  readonly expects?: 'document' | 'stream';
  readonly signal?: AbortSignal | undefined;
}

export interface OssAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The document's root as xml2js parses it, if a document was expected. */
  readonly document: unknown;
  /** The body, if a stream was expected. */
  readonly body: IncomingMessage | undefined;
}

/** Data that travels with a call through the SDK to our transport and back. */
interface Passage {
  readonly signal: AbortSignal | undefined;
  answer?: HttpAnswer;
  failure?: unknown;
}

// The SDK has no types for these. A test with the real SDK fails when they change.
interface SdkCall {
  readonly method: string;
  readonly bucket: string;
  readonly object?: string;
  readonly subres?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: Buffer;
  readonly successStatuses: readonly number[];
  readonly xmlResponse: boolean;
  readonly customResponse: boolean;
  readonly ctx: Passage;
}

interface SdkExchange {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly content?: Buffer;
  readonly customResponse?: boolean;
  readonly ctx: Passage;
}

interface SdkOptions extends OSS.Options {
  readonly sldEnable: boolean;
  readonly urllib: { request(url: string, exchange: SdkExchange): Promise<object> };
}

interface Sdk {
  request(call: SdkCall): Promise<{ readonly data: unknown }>;
}

/** Codes of refusals that new credentials may avoid. */
const staleCodes: readonly (string | undefined)[] = [
  'SecurityTokenExpired',
  'InvalidSecurityToken',
  'InvalidAccessKeyId',
];

/**
 * Calls OSS's API. The SDK builds and signs the requests and parses the answers. The transport is ours: the SDK's would buffer answers, retry by
 * itself, limit the total time of a call, and could not be aborted.
 */
export class OssClient {
  readonly #options: OssClientOptions;
  #sdk: { readonly credentials: OssCredentials; readonly client: Sdk } | undefined;

  constructor(options: OssClientOptions) {
    this.#options = options;
  }

  get options(): OssClientOptions {
    return this.#options;
  }

  /** @throws OssFailure; StorageError if there are no credentials */
  async send(call: OssCall): Promise<OssAnswer> {
    const { credentials } = this.#options;
    const used = await credentials.current();
    try {
      return await this.#attempt(call, used);
    } catch (error) {
      const isStale = error instanceof OssFailure && staleCodes.includes(error.code);
      if (!isStale || !credentials.refused(used)) throw error;
      return this.#attempt(call, await credentials.current());
    }
  }

  async #attempt(call: OssCall, credentials: OssCredentials): Promise<OssAnswer> {
    const { method, name, subresource, query = {}, headers = {}, content, expects, signal } = call;
    const passage: Passage = { signal };
    try {
      const { data } = await this.#sdkFor(credentials).request({
        method,
        bucket: this.#options.bucket,
        ...(name === undefined ? {} : { object: name }),
        ...(subresource === undefined ? {} : { subres: subresource }),
        query: Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')),
        headers,
        ...(content === undefined ? {} : { content }),
        successStatuses: [200, 204, 206],
        xmlResponse: expects === 'document',
        customResponse: expects === 'stream',
        ctx: passage,
      });
      const { answer } = passage;
      if (answer === undefined) throw new Error('the SDK made no request');
      return { status: answer.status, headers: answer.headers, document: data, body: answer.body };
    } catch (error) {
      throw failureOf(error, passage);
    }
  }

  #sdkFor(credentials: OssCredentials): Sdk {
    if (this.#sdk?.credentials !== credentials)
      this.#sdk = { credentials, client: newSdk(this.#options, credentials) };
    return this.#sdk.client;
  }
}

function newSdk(options: OssClientOptions, credentials: OssCredentials): Sdk {
  const { bucket, address, region, agents } = options;
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const sdkOptions: SdkOptions = {
    accessKeyId,
    accessKeySecret,
    bucket,
    endpoint: address.endpoint,
    sldEnable: address.style === 'path',
    cname: address.style === 'cname',
    ...(region === undefined ? {} : { region, authorizationV4: true }),
    // Without the interval the SDK prints advice to let it renew the credentials.
    ...(securityToken === undefined ? {} : { stsToken: securityToken, refreshSTSTokenInterval: Infinity }),
    urllib: { request: (url, sent) => travel(agents, url, sent) },
  };
  const client: object = new OSS(sdkOptions);
  if (!isSdk(client)) throw new Error('this version of ali-oss cannot make requests');
  return client;
}

function isSdk(client: object): client is Sdk {
  return 'request' in client && typeof client.request === 'function';
}

async function travel(agents: StoreAgents, url: string, sent: SdkExchange): Promise<object> {
  const { method, content, customResponse = false, ctx } = sent;
  // For an endpoint that is an IP address, the SDK sets a wrong Host header.
  const { host: _, ...headers } = sent.headers;
  try {
    const answer = await exchange(agents, url, {
      method,
      headers,
      content,
      signal: ctx.signal,
      streams: customResponse,
    });
    ctx.answer = answer;
    return { status: answer.status, headers: answer.headers, data: errorOfHead(answer) ?? answer.data };
  } catch (error) {
    ctx.failure = error;
    throw error;
  }
}

/** Returns the error document of an answer to HEAD. HEAD has no body; the document is in a header. */
function errorOfHead({ status, headers }: HttpAnswer): Buffer | undefined {
  const encoded = headers['x-oss-err'];
  return status >= 400 && typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : undefined;
}

function failureOf(error: unknown, { answer, failure }: Passage): OssFailure {
  const told = detailsOf(failure ?? error);
  if (answer === undefined) return new OssFailure(told.message, { code: told.code });
  const { status, headers } = answer;
  const requestId = headers['x-oss-request-id']?.toString();
  if (told.code !== undefined)
    return new OssFailure(told.message, { status, code: told.code, requestId, headers });
  return new OssFailure(`answers ${status}, but not as OSS does`, { status, requestId, headers });
}

function detailsOf(error: unknown): { message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // Node tries several addresses and combines their failures in an AggregateError without a message.
  const message = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  return { message: message.slice(0, 300), code };
}
