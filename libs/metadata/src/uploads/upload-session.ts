import { digestFromBytes, digestToBytes, type Digest, type RepositoryName } from '@longshore/oci';
import { ensureRepository, whileRepositoryGoes } from '../repositories/repositories.ts';
import type { Db } from '../transact.ts';
import {
  claimSession,
  insertSession,
  releaseSession,
  releaseSessionAndFinalKey,
  renewSessionLease,
  saveSessionProgress,
  saveSessionProgressAndRelease,
  selectSession,
} from './uploads.queries.ts';

/** Identifies a session. It belongs to one repository and one subject; for anybody else it does not exist. */
export interface UploadKey {
  /** A UUID. */
  readonly id: string;
  readonly repository: RepositoryName;
  readonly subject: string;
}

export interface UploadSession {
  readonly id: string;
  /** Where the bytes are stored during the upload. */
  readonly storageKey: string;
  /** Where a commit may have renamed the bytes to. Recorded before the rename. */
  readonly finalKey: string | undefined;
  /** Number of durable bytes. */
  readonly offset: number;
  readonly driverState: string | null;
  readonly hashState: Uint8Array | undefined;
  /** The digest of the bytes before `offset`, if it was known at the end of a request. */
  readonly digestSoFar: Digest | undefined;
  readonly startedAt: Date;
  readonly expiresAt: Date;
}

interface SessionRow {
  readonly id: string;
  readonly storage_key: string;
  readonly final_key: string | null;
  readonly offset: number;
  readonly driver_state: string | null;
  readonly hash_state: Buffer | null;
  readonly digest_so_far: Buffer | null;
  readonly started_at: Date;
  readonly expires_at: Date;
}

function toSession(row: SessionRow): UploadSession {
  return {
    id: row.id,
    storageKey: row.storage_key,
    finalKey: row.final_key ?? undefined,
    offset: row.offset,
    driverState: row.driver_state,
    hashState: row.hash_state ?? undefined,
    digestSoFar: row.digest_so_far === null ? undefined : digestFromBytes(row.digest_so_far),
    startedAt: row.started_at,
    expiresAt: row.expires_at,
  };
}

export interface CreateUpload extends UploadKey {
  /** Unique to this upload: no two uploads ever share a key. */
  readonly storageKey: string;
  /** Seconds without progress after which the session expires. */
  readonly lifetimeSeconds: number;
}

/** Creates the session and records its key before the first byte is written to it. Creates the repository if it is new. */
export async function createUpload(db: Db, upload: CreateUpload): Promise<void> {
  await whileRepositoryGoes(async () => {
    const repository = await ensureRepository(db, upload.repository);
    await insertSession(db, { ...upload, repository }).execute();
  });
}

export type FoundUpload = UploadSession & {
  /** True if a request holds the lease now. */
  readonly busy: boolean;
};

export async function findUpload(db: Db, key: UploadKey): Promise<FoundUpload | undefined> {
  const row = await selectSession(db, key).executeTakeFirst();
  return row && { ...toSession(row), busy: row.busy };
}

export interface ClaimUpload extends UploadKey {
  /** Unique to this request, for example a random UUID: two requests of one process are two writers. */
  readonly writer: string;
  /** Seconds. Renew the lease before it ends, and write nothing afterwards. */
  readonly leaseSeconds: number;
  /** Where a commit by this request would rename the bytes to. */
  readonly finalKey?: string | undefined;
}

/**
 * Claims the session for one request, before its first byte. Without the claim a second request could overwrite the object of a live blob, in every
 * repository that shares it.
 *
 * Also returns `unknown` if the session has recorded another final key. Only a request that died while it committed another digest leaves that
 * behind.
 */
export async function claimUpload(db: Db, claim: ClaimUpload): Promise<UploadSession | 'unknown' | 'busy'> {
  const row = await claimSession(db, { ...claim, finalKey: claim.finalKey ?? null }).executeTakeFirst();
  if (row !== undefined) return toSession(row);
  const there = await selectSession(db, claim).executeTakeFirst();
  return there?.busy === true ? 'busy' : 'unknown';
}

/** Identifies the holder of a claimed session. */
export interface UploadHold {
  readonly id: string;
  readonly writer: string;
}

/** Returns false if the session is gone or has another writer. Then stop writing. */
export async function renewLease(db: Db, hold: UploadHold, leaseSeconds: number): Promise<boolean> {
  return (await renewSessionLease(db, hold, leaseSeconds).executeTakeFirst()) !== undefined;
}

export interface SaveProgress extends UploadHold {
  readonly offset: number;
  readonly driverState: string | null;
  readonly hashState?: Uint8Array | undefined;
  readonly digestSoFar?: Digest | undefined;
  /** Seconds from now until the session expires. */
  readonly lifetimeSeconds: number;
  /** Also releases the session, in the same statement. */
  readonly release?: 'release' | undefined;
}

/** Call it after the bytes are durable. Returns false if the session is gone or has another writer; then nothing was saved. */
export async function saveProgress(db: Db, progress: SaveProgress): Promise<boolean> {
  const row = {
    ...progress,
    hashState: progress.hashState === undefined ? null : Buffer.from(progress.hashState),
    digestSoFar: progress.digestSoFar === undefined ? null : digestToBytes(progress.digestSoFar),
  };
  const query =
    progress.release === 'release' ? saveSessionProgressAndRelease(db, row) : saveSessionProgress(db, row);
  return (await query.executeTakeFirst()) !== undefined;
}

export interface ReleaseUpload extends UploadHold {
  /** `unused`: this writer has certainly stored nothing under the final key, so another digest may be tried. */
  readonly finalKey?: 'unused' | undefined;
}

/** Releases the session for the next request. Returns false if it was no longer ours. */
export async function releaseUpload(db: Db, { finalKey, ...hold }: ReleaseUpload): Promise<boolean> {
  const query = finalKey === 'unused' ? releaseSessionAndFinalKey(db, hold) : releaseSession(db, hold);
  return (await query.executeTakeFirst()) !== undefined;
}
