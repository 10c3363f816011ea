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
  /** 0 for a dynamic large object: what it consists of is not counted. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** One of the objects that a large object consists of, in the words of a manifest that is put. */
export interface ManifestEntry {
  readonly name: string;
  readonly size: number;
  readonly etag: string;
}

export interface OpenedObject {
  readonly body: Readable;
  readonly size: number;
  /** Changes whenever the object does. */
  readonly etag: string;
}

interface Range {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly etag?: string | undefined;
}

const hashedAtOnce = 1024 * 1024;
const binary = { 'content-type': 'application/octet-stream' };

/** The requests that the driver makes of one container; each method is one request and one attempt. */
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

  /** @throws StorageError 'corrupt' when the object has another identity than `etag` by now */
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

  /** All of a small object. @throws StorageError 'corrupt' when it has another ETag; SwiftFailure; Error when the answer breaks off */
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
   * Swift compares the bytes that arrive with their MD5, which is the ETag.
   * @returns 'exists' when it was to be written only if absent, and was not
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

  /** Makes an object of others (a static large object). @returns its ETag */
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

  /** Names of the objects that a static large object consists of, and whether each is one itself. */
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

  /** Makes an object of all those that begin with the prefix, in the order of their names (a dynamic large object). */
  async putDynamicManifest(name: string, prefix: string): Promise<void> {
    const headers = { ...binary, 'x-object-manifest': encodedPath(this.#path(prefix)) };
    await dropped(await this.#write({ path: this.#path(name), headers }));
  }

  /** An absent object is no failure. Its segments stay. */
  async delete(name: string): Promise<void> {
    const path = this.#path(name);
    await dropped(await this.#account.call({ method: 'DELETE', path, expected: [404] }));
  }

  /** @returns names that could not be deleted; all of them when the service does not say which */
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

  /** A page in the order of the names' bytes, behind `marker` and before `end`. */
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
      // Swift writes UTC and does not say so.
      return [{ name, size, modifiedAt: new Date(`${textAt(entry, 'last_modified') ?? ''}Z`) }];
    });
  }

  /**
   * Makes the container when it is not there. It is asked for by GET: to HEAD of an absent one Swift sends a body, which stands before the
   * connection's next answer, and a refused HEAD does not say why.
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
    // No object must pass for absent since the account is.
    const reason = advised(`there is no account for /${this.name}`, 'container, tenant, tenantid');
    throw new StorageError('denied', { driver: 'swift', reason });
  }

  /**
   * Writes an object. That its container is not there is no answer to believe, since `make` has seen it: Swift's proxy gives it too while it has no
   * connection to the container's servers, as after a restart.
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

/** The object's size, as the answer with its bytes from `start` on tells. NaN when it has others. */
function sizeBehind(answer: HttpAnswer, start: number): number {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '') ?? [];
  return Number(first) === start ? Number(total) : Number.NaN;
}

/** Swift says 400 whatever is wrong with the segments: it lists them. */
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

/** In steps: others have their turn in between. */
async function md5Of(bytes: readonly Uint8Array[]): Promise<string> {
  const hash = createHash('md5');
  for (const piece of bytes)
    for (let at = 0; at < piece.byteLength; at += hashedAtOnce) {
      hash.update(piece.subarray(at, at + hashedAtOnce));
      if (piece.byteLength > hashedAtOnce) await setImmediate();
    }
  return hash.digest('hex');
}
