import {
  digestFromBytes,
  digestToBytes,
  type Digest,
  type Reference,
  type RepositoryName,
} from '@longshore/oci';
import { Batcher, type GetOptions } from '@longshore/telemetry';
import type { StoredBlob } from '../blobs/blob-for-push.ts';
import type { Connections } from '../connections.ts';
import { DatabaseUnavailable } from '../postgres-errors.ts';
import {
  blobsInRepositories,
  manifestPayload,
  manifestsByDigest,
  manifestsByTag,
} from './lookups.queries.ts';
import { cell, type Row } from './row.ts';

export interface ManifestKey {
  readonly repository: RepositoryName;
  readonly reference: Reference;
}

export interface ManifestEntry {
  readonly id: number;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly size: number;
  /** True if a review is due within the hour. A client that means to push should postpone it (`manifestForPush`). Known only without the payload. */
  readonly reviewSoon: boolean;
}

export interface Manifest extends ManifestEntry {
  /** The pushed bytes. */
  readonly payload: Buffer;
}

export type Unknown = 'repository-unknown' | 'manifest-unknown';

export interface BlobKey {
  readonly repository: RepositoryName;
  readonly digest: Digest;
}

export interface FoundBlob extends StoredBlob {
  /** True if a review is due within the hour. A client that means to push should postpone it (`blobForPush`). */
  readonly reviewSoon: boolean;
}

/** Bytes. A larger payload is read outside the batch, so that it does not delay the other keys. */
const batchedPayload = 256 * 1024;
const maximumKeys = 128;

interface WantedManifest<R> {
  readonly repository: RepositoryName;
  readonly reference: R;
  readonly payload: boolean;
}

type Answer = (ManifestEntry & { readonly payload: Buffer | undefined }) | Unknown;

/**
 * The queries of every pull, batched: the keys of one event-loop turn become one prepared query. Reads from the primary and caches nothing, so an
 * acknowledged push or delete is visible at once.
 *
 * Each key keeps its own deadline and signal. All reject with DatabaseUnavailable if Postgres does not answer, and with BatcherFullError if too many
 * keys wait.
 */
export class Lookups {
  readonly #connections: Connections;
  readonly #deadlineMs: number;
  readonly #byTag: Batcher<WantedManifest<string>, Answer>;
  readonly #byDigest: Batcher<WantedManifest<Digest>, Answer>;
  readonly #blobs: Batcher<BlobKey, FoundBlob | 'repository-unknown' | 'blob-unknown'>;

  /** @param limits `deadlineMs`: milliseconds until a key rejects, including the wait behind batches that hang */
  constructor(connections: Connections, { inFlight, deadlineMs }: { inFlight: number; deadlineMs: number }) {
    this.#connections = connections;
    this.#deadlineMs = deadlineMs;
    const limits = { maximumKeys, inFlight };
    this.#byTag = new Batcher({
      ...limits,
      span: 'look up manifests by tag',
      run: (keys) =>
        this.#manifests(
          manifestsByTag,
          keys,
          keys.map((key) => key.reference),
        ),
    });
    this.#byDigest = new Batcher({
      ...limits,
      span: 'look up manifests by digest',
      run: (keys) =>
        this.#manifests(
          manifestsByDigest,
          keys,
          keys.map((key) => digestToBytes(key.reference)),
        ),
    });
    this.#blobs = new Batcher({ ...limits, span: 'look up blobs', run: (keys) => this.#blobsOf(keys) });
  }

  /** Finds a manifest, with its bytes. */
  async manifest(key: ManifestKey, options?: GetOptions): Promise<Manifest | Unknown> {
    const answer = await this.#ask(key, true, options);
    if (typeof answer === 'string') return answer;
    const payload = answer.payload ?? (await this.#payload(answer.id));
    return payload === undefined ? 'manifest-unknown' : { ...answer, payload };
  }

  /** Finds a manifest, without its bytes. */
  async manifestEntry(key: ManifestKey, options?: GetOptions): Promise<ManifestEntry | Unknown> {
    return this.#ask(key, false, options);
  }

  /** Finds the blob if this repository holds it and it is not suspect. A blob of other repositories alone is unknown here. */
  async blob(key: BlobKey, options?: GetOptions): Promise<FoundBlob | 'repository-unknown' | 'blob-unknown'> {
    return this.#timely(this.#blobs.get(key, { deadlineMs: this.#deadlineMs, ...options }));
  }

  #ask({ repository, reference }: ManifestKey, payload: boolean, options?: GetOptions): Promise<Answer> {
    const within = { deadlineMs: this.#deadlineMs, ...options };
    return this.#timely(
      reference.kind === 'tag'
        ? this.#byTag.get({ repository, reference: reference.tag, payload }, within)
        : this.#byDigest.get({ repository, reference: reference.digest, payload }, within),
    );
  }

  /** Rejects with DatabaseUnavailable when the deadline passes: the key has waited for Postgres. */
  #timely<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
      throw new DatabaseUnavailable('Postgres is unavailable: no answer in time', { cause: error });
    });
  }

  async #manifests(
    text: string,
    keys: readonly WantedManifest<string>[],
    references: readonly (string | Buffer)[],
  ): Promise<Answer[]> {
    const rows = await this.#connections.rows(text, [
      keys.map((key) => key.repository),
      references,
      keys.map((key) => key.payload),
      batchedPayload,
    ]);
    return rows.map(toAnswer);
  }

  /** Returns undefined if the manifest was deleted between the two queries. */
  async #payload(id: number): Promise<Buffer | undefined> {
    const [row] = await this.#connections.rows(manifestPayload, [id]);
    return row && Buffer.from(cell.text(row, 0), 'latin1');
  }

  async #blobsOf(keys: readonly BlobKey[]): Promise<(FoundBlob | 'repository-unknown' | 'blob-unknown')[]> {
    const rows = await this.#connections.rows(blobsInRepositories, [
      keys.map((key) => key.repository),
      keys.map((key) => digestToBytes(key.digest)),
    ]);
    return rows.map((row) => {
      if (row[0] === null) return 'repository-unknown';
      if (row[1] === null) return 'blob-unknown';
      return { size: cell.number(row, 1), storageKey: cell.text(row, 2), reviewSoon: row[3] === true };
    });
  }
}

function toAnswer(row: Row): Answer {
  if (row[0] === null) return 'repository-unknown';
  if (row[1] === null) return 'manifest-unknown';
  return {
    id: cell.number(row, 1),
    digest: storedDigest(cell.text(row, 2)),
    mediaType: cell.text(row, 3),
    artifactType: row[4] === null ? undefined : cell.text(row, 4),
    subject: row[5] === null ? undefined : storedDigest(cell.text(row, 5)),
    size: cell.number(row, 6),
    payload: row[7] === null ? undefined : Buffer.from(cell.text(row, 7), 'latin1'),
    reviewSoon: row[8] === true,
  };
}

function storedDigest(hex: string): Digest {
  return digestFromBytes(Buffer.from(hex, 'hex'));
}
