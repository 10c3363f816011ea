import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Origin } from '@longshore/messaging';
import {
  blobForPush,
  cancelUpload,
  claimUpload,
  commitUpload,
  createUpload,
  Database,
  findUpload,
  releaseUpload,
  renewLease,
  saveProgress,
  type UploadSession,
} from '@longshore/metadata';
import { type ContentRange, type Digest, OciError, type RepositoryName, unavailable } from '@longshore/oci';
import {
  keyOfBlob,
  keyOfUpload,
  type ObjectKey,
  objectKey,
  StorageDriver,
  unlessAbsent,
} from '@longshore/storage';
import { BlobSettings } from '../blob-settings.ts';
import { BlobEvents } from '../events/blob-events.ts';
import { closingDigest, type HashedSoFar, hashedSoFar, planDigest } from './closing-digest.ts';
import { HashedBody } from './hashed-body.ts';
import { UploadSeries } from './upload-series.ts';
import { LeaseLost, leaseSeconds, WriterLease } from './writer-lease.ts';

/** Names one session. All three must match: an upload id alone gives no access (CVE-2026-32589). */
export interface SessionName {
  readonly id: string;
  readonly repository: RepositoryName;
  readonly subject: string;
}

/** The bytes of one request and their position. The service may free the memory of the source's chunks. */
export interface Chunk {
  readonly source: Readable;
  readonly range?: ContentRange | undefined;
  readonly algorithm: 'sha256' | 'sha512';
  readonly signal: AbortSignal;
}

/** The offset of a session, and the id to reach it. */
export interface Progress {
  readonly id: string;
  readonly offset: number;
}

/** Milliseconds that a request waits for another one that still writes to the same session. */
const claimPatience = 10_000;

/** Upload sessions (distribution-spec end-4 to end-6, end-13, end-14). Any replica may serve any request of any session. */
@Injectable()
export class UploadsService {
  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly database: Database,
    private readonly driver: StorageDriver,
    private readonly settings: BlobSettings,
    private readonly events: BlobEvents,
    private readonly series: UploadSeries,
  ) {}

  async start({ id, repository, subject }: SessionName): Promise<Progress> {
    await createUpload(this.database.db, {
      id,
      repository,
      subject,
      storageKey: keyOfUpload(id),
      lifetimeSeconds: this.settings.uploadAge,
    });
    this.series.started();
    return { id, offset: 0 };
  }

  /** @throws OciError BLOB_UPLOAD_UNKNOWN */
  async status(name: SessionName): Promise<Progress> {
    const session = await findUpload(this.database.db, name);
    if (session === undefined) throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: name.id });
    return { id: name.id, offset: session.offset };
  }

  async cancel(name: SessionName): Promise<void> {
    await this.#end(name);
    this.series.ended('cancelled');
  }

  async #end(name: SessionName): Promise<void> {
    const outcome = await cancelUpload(this.database.db, {
      ...name,
      notBeforeSeconds: this.settings.trashSeconds,
    });
    if (outcome === 'unknown') throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: name.id });
    if (outcome === 'busy') throw busy();
  }

  /**
   * Stores a chunk after the stored bytes. If the client breaks off, the bytes that arrived stay, and the session continues after them.
   * @throws OciError RANGE_INVALID for a chunk that does not begin at the session's offset; the session stays open
   */
  async append(name: SessionName, chunk: Chunk): Promise<Progress> {
    return this.#writing(name, undefined, async (session, lease) => {
      const written = await this.#store(session, chunk, lease);
      return { id: name.id, offset: written.offset };
    });
  }

  /**
   * Stores the last chunk, if there is one, and makes the session's bytes a blob of the repository.
   * @throws OciError DIGEST_INVALID if the bytes have another digest; the session and its bytes are then gone
   */
  async finish(
    name: SessionName,
    digest: Digest,
    { chunk, origin }: { chunk?: Chunk | undefined; origin: Origin },
  ): Promise<void> {
    const finalKey = this.driver.capabilities.renames ? keyOfBlob(digest, name.id) : undefined;
    try {
      await this.#writing(name, finalKey, async (claimed, lease) => {
        const session = chunk === undefined ? claimed : await this.#store(claimed, chunk, lease, 'keep');
        await this.#commit(name, { session, digest, finalKey, lease, origin });
      });
    } catch (error) {
      // A client whose answer was lost may ask again: the session has already become the named blob.
      const unknown = error instanceof OciError && error.code === 'BLOB_UPLOAD_UNKNOWN';
      const blob = { repository: name.repository, digest, grace: this.settings.grace };
      if (!unknown || (await blobForPush(this.database.db, blob)) === undefined) throw error;
    }
  }

  async #commit(
    name: SessionName,
    work: {
      session: UploadSession;
      digest: Digest;
      finalKey: ObjectKey | undefined;
      lease: WriterLease;
      origin: Origin;
    },
  ): Promise<void> {
    const { session, digest, lease } = work;
    const key = objectKey(session.storageKey);
    const actual = await closingDigest(
      this.driver,
      { ...session, key },
      { wanted: digest, signal: lease.signal },
    );
    if (actual !== digest) {
      await this.#end(name);
      this.series.ended('refused');
      throw new OciError('DIGEST_INVALID', {
        digest,
        reason: 'the uploaded bytes have another digest',
        actual,
      });
    }
    const stored = work.finalKey ?? key;
    lease.signal.throwIfAborted();
    await this.driver.commit({ key, offset: session.offset, state: session.driverState }, stored);
    const committed = await commitUpload(this.database.db, {
      id: name.id,
      writer: lease.writer,
      digest,
      size: session.offset,
      key: stored,
      grace: this.settings.grace,
      notBeforeSeconds: this.settings.trashSeconds,
      events: ({ size }) => this.events.pushed({ repository: name.repository, digest, size }, work.origin),
    });
    if (committed === 'unknown') throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: name.id });
    this.series.ended('committed');
  }

  /** Claims the session, runs the work while the lease is renewed, and releases the session if the work fails. */
  async #writing<T>(
    name: SessionName,
    finalKey: ObjectKey | undefined,
    work: (session: UploadSession, lease: WriterLease) => Promise<T>,
  ): Promise<T> {
    const writer = WriterLease.newWriter();
    const session = await this.#claim(name, { writer, finalKey });
    await using lease = new WriterLease(writer, (holder) =>
      renewLease(this.database.db, { id: name.id, writer: holder }, leaseSeconds),
    );
    try {
      return await work(session, lease);
    } catch (error) {
      const unused = finalKey !== undefined && isBeforeRename(error) && (await this.#isAbsent(finalKey));
      await releaseUpload(this.database.db, {
        id: name.id,
        writer,
        ...(unused ? { finalKey: 'unused' } : {}),
      });
      throw lease.signal.aborted ? leaseRefusal(name, lease.signal.reason) : error;
    }
  }

  /** Whether no object is at the key. An earlier request may have renamed the bytes and died before the database knew; then its key must be kept. */
  async #isAbsent(key: ObjectKey): Promise<boolean> {
    return (await unlessAbsent(this.driver.stat(key))) === undefined;
  }

  async #claim(
    name: SessionName,
    { writer, finalKey }: { writer: string; finalKey: ObjectKey | undefined },
  ): Promise<UploadSession> {
    const deadline = Date.now() + claimPatience;
    for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
      const claimed = await claimUpload(this.database.db, { ...name, writer, leaseSeconds, finalKey });
      if (claimed === 'unknown') throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: name.id });
      if (claimed !== 'busy') return claimed;
      if (Date.now() > deadline) throw busy();
      await sleep(pause);
    }
  }

  /** @param release whether the statement that records the progress also releases the session */
  async #store(
    session: UploadSession,
    chunk: Chunk,
    lease: WriterLease,
    release: 'release' | 'keep' = 'release',
  ): Promise<UploadSession> {
    if (chunk.range !== undefined && chunk.range.start !== session.offset) {
      throw new OciError(
        'RANGE_INVALID',
        { expected: session.offset, start: chunk.range.start },
        { headers: rangeHeaders(session) },
      );
    }
    const plan = await planDigest(session, {
      chunked: chunk.range !== undefined,
      algorithm: chunk.algorithm,
    });
    const signal = AbortSignal.any([chunk.signal, lease.signal]);
    const upload = { key: objectKey(session.storageKey), offset: session.offset, state: session.driverState };
    const appended = await this.driver.append(upload, new HashedBody(chunk.source, plan.digesters), {
      signal: lease.signal,
    });
    this.series.stored(appended.offset - session.offset);
    const hashed: HashedSoFar = hashedSoFar(session, plan, appended.offset - session.offset);
    const progress = { offset: appended.offset, driverState: appended.state, ...hashed };
    const broken = appended.interrupted !== undefined || signal.aborted;
    const keep = release === 'keep' && !broken;
    const saved = await saveProgress(this.database.db, {
      id: session.id,
      writer: lease.writer,
      ...progress,
      lifetimeSeconds: this.settings.uploadAge,
      ...(keep ? {} : { release: 'release' }),
    });
    if (!saved) throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: session.id });
    // oxlint-disable-next-line typescript/only-throw-error -- the source's own error, which names who broke off
    if (appended.interrupted !== undefined) throw appended.interrupted;
    checkLength(chunk, appended.offset - session.offset);
    return { ...session, ...progress };
  }
}

/** Refuses a chunk that is shorter than its Content-Range, because it was cut on the way. The bytes that arrived are kept. */
function checkLength({ range }: Chunk, received: number): void {
  if (range !== undefined && received !== range.end - range.start + 1) {
    throw new OciError('SIZE_INVALID', { reason: 'the body is not as long as its Content-Range', received });
  }
}

export function rangeHeaders({ id, offset }: Progress): Record<string, string> {
  return { range: `0-${Math.max(offset - 1, 0)}`, 'docker-upload-uuid': id };
}

function busy(): OciError {
  return unavailable({ reason: 'another request is writing to this upload' }, 5);
}

/** Returns the refusal after a lost lease: the session is gone, or, if its state could not be read, the client may retry. */
function leaseRefusal({ id }: SessionName, reason: unknown): OciError {
  const gone = reason instanceof LeaseLost && reason.cause === undefined;
  return gone
    ? new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: id }, { cause: reason })
    : unavailable({ uploadId: id }, 5, { cause: reason });
}

/** Whether the error came before the rename, as for a refused chunk. The session may then be finished with another digest. */
function isBeforeRename(error: unknown): boolean {
  return error instanceof OciError && (error.code === 'RANGE_INVALID' || error.code === 'SIZE_INVALID');
}
