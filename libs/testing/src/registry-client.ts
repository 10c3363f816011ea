import type { Agent } from 'node:http';
import { type Answer, exchange, type ExchangeOptions } from './http/exchange.ts';
import type { Blob, Image, Manifest } from './images/tiny-image.ts';

export interface RegistryClientOptions {
  /** Headers of every request, such as Authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The agent of every request that names none. */
  readonly agent?: Agent;
}

/** A client that sends exactly what a test tells it to, and returns the answer unchanged. It neither retries nor hides anything. */
export class RegistryClient {
  readonly origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent | undefined;

  constructor(origin: string, { headers = {}, agent }: RegistryClientOptions = {}) {
    this.origin = origin;
    this.#headers = headers;
    this.#agent = agent;
  }

  send(method: string, path: string, options: Omit<ExchangeOptions, 'method'> = {}): Promise<Answer> {
    return exchange(this.origin, path, {
      ...(this.#agent && { agent: this.#agent }),
      ...options,
      method,
      headers: { ...this.#headers, ...options.headers },
    });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  head(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('HEAD', path, { headers });
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Opens an upload session and returns the path of its Location. */
  async startUpload(name: string, query = ''): Promise<string> {
    const answer = await this.send('POST', `/v2/${name}/blobs/uploads/${query}`);
    if (answer.status !== 202)
      throw new Error(`POST uploads answered ${answer.status}: ${answer.body.toString()}`);
    return this.locationOf(answer);
  }

  /** Sends one chunk. If `start` is undefined, it streams without a Content-Range. */
  patch(location: string, bytes: Uint8Array, start?: number): Promise<Answer> {
    const range = start === undefined ? {} : { 'content-range': `${start}-${start + bytes.length - 1}` };
    return this.send('PATCH', location, {
      body: bytes,
      headers: { 'content-type': 'application/octet-stream', ...range },
    });
  }

  /** Sends the closing PUT, with or without a last chunk. */
  closeUpload(location: string, digest: string, bytes: Uint8Array = new Uint8Array()): Promise<Answer> {
    const path = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
    return this.send('PUT', path, { body: bytes, headers: { 'content-type': 'application/octet-stream' } });
  }

  /** Pushes a blob by POST and PUT, like most clients. */
  async pushBlob(name: string, { digest, bytes }: Blob): Promise<Answer> {
    return this.closeUpload(await this.startUpload(name), digest, bytes);
  }

  pushManifest(name: string, reference: string, { mediaType, bytes }: Manifest, query = ''): Promise<Answer> {
    return this.send('PUT', `/v2/${name}/manifests/${reference}${query}`, {
      body: bytes,
      headers: { 'content-type': mediaType },
    });
  }

  /** Pushes the blobs of an image, then its manifest. Rejects on the first answer other than 201. */
  async pushImage(name: string, image: Image, reference: string = image.digest): Promise<void> {
    const blobs = await Promise.all(image.blobs.map((blob) => this.pushBlob(name, blob)));
    const manifest = await this.pushManifest(name, reference, image);
    for (const { status, body } of [...blobs, manifest]) {
      if (status !== 201) throw new Error(`a push to ${name} answered ${status}: ${body.toString()}`);
    }
  }

  /** Returns the path of a Location, which may be absolute or relative. */
  locationOf({ headers }: Answer): string {
    const { location } = headers;
    if (location === undefined) throw new Error('the answer has no Location');
    const url = new URL(location, this.origin);
    if (url.origin !== new URL(this.origin).origin)
      throw new Error(`Location points to another origin: ${location}`);
    return `${url.pathname}${url.search}`;
  }
}
