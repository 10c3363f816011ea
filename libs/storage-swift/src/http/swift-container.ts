import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { fieldOf, textAt } from '../auth/json-field.ts';
import { dropped, type HttpAnswer, textOf } from './http-call.ts';
import { headOf, identityOf, type ObjectHead, unquoted } from './object-head.ts';
import { encodedPath, type SwiftAccount, type SwiftCall } from './swift-account.ts';
import { advised, failureOf } from './swift-failure.ts';
import { StorageError } from '@longshore/storage';

export interface ListedObject {
  readonly name: string;
  /** 0 for a dynamic large object: listings do not count its segments. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** One part of a large object, as described in a manifest. */
export interface ManifestEntry {
  readonly name: string;
  readonly size: number;
  readonly etag: string;
}

export interface OpenedObject {
  readonly body: Readable;
  readonly size: number;
  /** Changes whenever the object changes. */
  readonly etag: string;
}

interface Range {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly etag?: string | undefined;
}

const hashedAtOnce = 1024 * 1024;
const binary = { 'content-type': 'application/octet-stream' };

/** The driver's requests to one container. Each method is one request and one attempt. */
export class SwiftContainer {
  readonly name: string;
  readonly #account: SwiftAccount;

  constructor(account: SwiftAccount, name: string) {
    this.#account = account;
    this.name = name;
  }

  async head(name: string, signal?: AbortSignal): Promise<ObjectHead> {
    const answer = await this.#account.call({ method: 'HEAD', path: this.#path(name), signal });
    await dropped(answer);
    return headOf(answer);
  }

  /** @throws StorageError 'corrupt' if the object's identity is no longer `etag` */
  async get(name: string, { start = 0, end, etag }: Range, signal?: AbortSignal): Promise<OpenedObject> {
    const isRange = start > 0 || end !== undefined;
    const headers = isRange ? { range: `bytes=${start}-${end ?? ''}` } : {};
    const answer = await this.#account.call({ method: 'GET', path: this.#path(name), headers, signal });
    const size = isRange ? sizeBehind(answer, start) : Number(answer.header('content-length'));
    const opened = { body: answer.body, size, etag: identityOf(answer) };
    const isOther = etag !== undefined && etag !== opened.etag;
    if (!isOther && Number.isSafeInteger(size)) return opened;
    answer.body.destroy();
    const reason = isOther
      ? 'the object was replaced while it was read'
      : 'the answer has another range than was asked for';
    throw new StorageError('corrupt', { driver: 'swift', reason });
  }

  /** Reads a small object whole. @throws StorageError 'corrupt' if it has another ETag; SwiftFailure; Error if the answer breaks off */
  async bytes(
    name: string,
    { etag, signal }: { etag?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<Buffer> {
    const answer = await this.#account.call({ method: 'GET', path: this.#path(name), signal });
    if (etag !== undefined && unquoted(answer.header('etag') ?? '') !== etag) {
      answer.body.destroy();
      const reason = 'other bytes are there than were acknowledged';
      throw new StorageError('corrupt', { driver: 'swift', reason });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /**
   * Writes an object. Swift checks the received bytes against their MD5, which is the ETag.
   * @returns `exists` if `onlyIfAbsent` is set and nothing was written
   */
  async put(
    name: string,
    bytes: readonly Uint8Array[],
    { onlyIfAbsent = false, signal }: { onlyIfAbsent?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<{ etag: string; exists: boolean }> {
    const etag = await md5Of(bytes);
    const headers = { ...binary, etag, ...(onlyIfAbsent ? { 'if-none-match': '*' } : {}) };
    const expected = onlyIfAbsent ? [412] : [];
    const answer = await this.#write({ path: this.#path(name), headers, body: bytes, signal, expected });
    await dropped(answer);
    return { etag, exists: answer.status === 412 };
  }

  /** Copies a small object within the store. @returns its ETag */
  async copy(from: string, to: string, signal?: AbortSignal): Promise<string> {
    const headers = { ...binary, 'x-copy-from': `/${encodedPath(this.#path(from))}` };
    const answer = await this.#account.call({ method: 'PUT', path: this.#path(to), headers, signal });
    await dropped(answer);
    return unquoted(answer.header('etag') ?? '');
  }

  /** Makes an object from others (a static large object). @returns its ETag */
  async putStaticManifest(
    name: string,
    entries: readonly ManifestEntry[],
    signal?: AbortSignal,
  ): Promise<string> {
    const document = entries.map((entry) => ({
      path: `/${this.#path(entry.name)}`,
      size_bytes: entry.size,
      etag: entry.etag,
    }));
    const answer = await this.#write({
      path: this.#path(name),
      query: 'multipart-manifest=put',
      headers: { ...binary, accept: 'application/json' },
      body: [Buffer.from(JSON.stringify(document))],
      signal,
      expected: [400],
    });
    if (answer.status === 400) throw refusedManifest(await textOf(answer));
    await dropped(answer);
    return unquoted(answer.header('etag') ?? '');
  }

  /** Returns the names of a static large object's parts, and whether each is a manifest itself. */
  async staticManifest(name: string): Promise<readonly { name: string; isManifest: boolean }[]> {
    const answer = await this.#account.call({
      method: 'GET',
      path: this.#path(name),
      query: 'multipart-manifest=get',
    });
    const document: unknown = JSON.parse(await textOf(answer));
    const within = `/${this.name}/`;
    return listOf(document).flatMap((entry) => {
      const path = textAt(entry, 'name') ?? '';
      if (!path.startsWith(within)) return [];
      return [{ name: path.slice(within.length), isManifest: fieldOf(entry, 'sub_slo') === true }];
    });
  }

  /** Makes an object from all those under the prefix, in the order of their names (a dynamic large object). */
  async putDynamicManifest(name: string, prefix: string): Promise<void> {
    const headers = { ...binary, 'x-object-manifest': encodedPath(this.#path(prefix)) };
    await dropped(await this.#write({ path: this.#path(name), headers }));
  }

  /** Deletes an object, but not its segments. An absent object is not a failure. */
  async delete(name: string): Promise<void> {
    const path = this.#path(name);
    await dropped(await this.#account.call({ method: 'DELETE', path, expected: [404] }));
  }

  /** @returns the names that could not be deleted; all names if the service does not tell which */
  async bulkDelete(names: readonly string[]): Promise<readonly string[]> {
    const lines = names.map((name) => `/${encodedPath(this.#path(name))}\n`);
    const answer = await this.#account.call({
      method: 'POST',
      path: '',
      query: 'bulk-delete',
      headers: { accept: 'application/json', 'content-type': 'text/plain' },
      body: [Buffer.from(lines.join(''))],
    });
    const document: unknown = JSON.parse(await textOf(answer));
    const status = textAt(document, 'Response Status') ?? '';
    const errors = listOf(fieldOf(document, 'Errors'));
    if (errors.length === 0) return /^(?:200|404)/.test(status) ? [] : names;
    const failed = new Set(errors.map((error) => String(listOf(error)[0])));
    return names.filter(
      (name, index) => failed.has((lines[index] ?? '').trim()) || failed.has(`/${this.#path(name)}`),
    );
  }

  /** Lists a page in the byte order of the names, after `marker` and before `end`. */
  async list(
    prefix: string,
    {
      marker = '',
      end = '',
      signal,
    }: { marker?: string; end?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<readonly ListedObject[]> {
    const query = new URLSearchParams({ format: 'json', prefix, marker });
    if (end !== '') query.set('end_marker', end);
    const answer = await this.#account.call({ method: 'GET', path: this.name, query: String(query), signal });
    if (answer.status === 204) {
      await dropped(answer);
      return [];
    }
    const document: unknown = JSON.parse(await textOf(answer));
    return listOf(document).flatMap((entry) => {
      const name = textAt(entry, 'name');
      if (name === undefined) return [];
      const size = Number(fieldOf(entry, 'bytes'));
      // Swift writes UTC without a time zone.
      return [{ name, size, modifiedAt: new Date(`${textAt(entry, 'last_modified') ?? ''}Z`) }];
    });
  }

  /**
   * Creates the container if it does not exist. Existence is checked by GET: Swift answers HEAD of an absent container with a body, which would
   * corrupt the connection's next answer, and a refused HEAD does not tell why.
   */
  async make(storagePolicy: string | undefined): Promise<void> {
    const found = await this.#account.call({
      method: 'GET',
      path: this.name,
      query: 'limit=1',
      expected: [404],
      lookAt: 'container',
    });
    await dropped(found);
    if (found.status !== 404) return;
    const headers = storagePolicy === undefined ? {} : { 'x-storage-policy': storagePolicy };
    const lookAt = storagePolicy === undefined ? 'container' : 'container, storagepolicy';
    const made = await this.#account.call({
      method: 'PUT',
      path: this.name,
      headers,
      expected: [404],
      lookAt,
    });
    await dropped(made);
    if (made.status !== 404) return;
    // A missing account must not count as an absent object.
    const reason = advised(`there is no account for /${this.name}`, 'container, tenant, tenantid');
    throw new StorageError('denied', { driver: 'swift', reason });
  }

  /**
   * Writes an object. A 404 for the container is not believed, since `make` has created or seen it: Swift's proxy also answers 404 while it cannot
   * reach the container's servers, for example after a restart.
   */
  async #write({ expected = [], ...call }: Omit<SwiftCall, 'method'>): Promise<HttpAnswer> {
    const answer = await this.#account.call({ ...call, method: 'PUT', expected: [...expected, 404] });
    if (answer.status !== 404) return answer;
    const { message } = await failureOf(`PUT /${call.path}`, answer, 'container');
    throw new StorageError('unavailable', { driver: 'swift', reason: message });
  }

  #path(name: string): string {
    return `${this.name}/${name}`;
  }
}

/** Returns the object's size from the answer to a range that begins at `start`. Returns NaN if the answer has another range. */
function sizeBehind(answer: HttpAnswer, start: number): number {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '') ?? [];
  return Number(first) === start ? Number(total) : Number.NaN;
}

/** Translates a refused manifest. Swift answers 400 for any problem with the segments and lists the problems. */
function refusedManifest(text: string): StorageError {
  const errors = listOf(errorsOf(text)).map((error) => listOf(error).join(' '));
  const reason = errors[0] === undefined ? `the manifest is refused: ${text.slice(0, 200)}` : errors[0];
  if (errors.some((error) => error.endsWith(' 404 Not Found')))
    return new StorageError('absent', { driver: 'swift', reason });
  const isPassing = errors.some((error) => / (?:401|408|429|49[89]|5\d\d) /.test(error));
  return new StorageError(isPassing ? 'unavailable' : 'corrupt', { driver: 'swift', reason });
}

function errorsOf(text: string): unknown {
  try {
    return fieldOf(JSON.parse(text), 'Errors');
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Hashes in steps, so that other tasks run in between. */
async function md5Of(bytes: readonly Uint8Array[]): Promise<string> {
  const hash = createHash('md5');
  for (const piece of bytes)
    for (let at = 0; at < piece.byteLength; at += hashedAtOnce) {
      hash.update(piece.subarray(at, at + hashedAtOnce));
      if (piece.byteLength > hashedAtOnce) await setImmediate();
    }
  return hash.digest('hex');
}
