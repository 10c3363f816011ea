import { Injectable } from '@nestjs/common';
import type { Origin } from '@longshore/messaging';
import {
  blobForPush,
  Database,
  deleteBlob,
  type FoundBlob,
  type StoredBlob,
  TrailingEvents,
} from '@longshore/metadata';
import { type Digest, OciError, type RepositoryName } from '@longshore/oci';
import { objectKey, StorageDriver } from '@longshore/storage';
import { BlobSettings } from '../blob-settings.ts';
import { BlobEvents } from '../events/blob-events.ts';
import type { Redirectable } from '../redirects/redirect-rules.ts';

/** The blobs of a repository. Every request asks Postgres for membership, so a deleted blob is unknown at once. */
@Injectable()
export class BlobsService {
  readonly #pulls: TrailingEvents;

  constructor(
    private readonly database: Database,
    private readonly driver: StorageDriver,
    private readonly settings: BlobSettings,
    private readonly events: BlobEvents,
  ) {
    this.#pulls = new TrailingEvents(database.db);
  }

  /** @throws OciError BLOB_UNKNOWN, also if only other repositories have the blob */
  async find(repository: RepositoryName, digest: Digest): Promise<FoundBlob> {
    const blob = await this.database.lookups.blob({ repository, digest });
    if (typeof blob === 'string') throw new OciError('BLOB_UNKNOWN', { digest });
    return blob;
  }

  /** Finds a blob for a push: it will still exist for the manifest that follows. */
  async findForPush(repository: RepositoryName, digest: Digest): Promise<StoredBlob> {
    const blob = await this.find(repository, digest);
    if (!blob.reviewSoon) return blob;
    const kept = await blobForPush(this.database.db, { repository, digest, grace: this.settings.grace });
    if (kept === undefined) throw new OciError('BLOB_UNKNOWN', { digest });
    return kept;
  }

  /** Returns a URL at which the client can get the blob itself, or undefined if it is served from here. */
  async redirect(
    blob: StoredBlob,
    to: Redirectable & { method: 'GET' | 'HEAD' },
  ): Promise<string | undefined> {
    const { redirects } = this.settings;
    if (!this.driver.capabilities.redirects || !redirects.allow(to)) return undefined;
    return this.driver.redirect(objectKey(blob.storageKey), {
      method: to.method,
      expiresInSeconds: redirects.expiresInSeconds,
      clientAddress: to.address,
    });
  }

  /** @throws OciError BLOB_UNKNOWN, or UNSUPPORTED (405) while a manifest of the repository names the blob */
  async delete(repository: RepositoryName, digest: Digest, origin: Origin): Promise<void> {
    const events = () => this.events.deleted({ repository, digest }, origin);
    const outcome = await deleteBlob(this.database.db, {
      repository,
      digest,
      grace: this.settings.grace,
      events,
    });
    if (outcome === 'unknown') throw new OciError('BLOB_UNKNOWN', { digest });
    if (outcome === 'referenced')
      throw new OciError('UNSUPPORTED', {
        digest,
        reason: 'a manifest of the repository refers to the blob',
      });
  }

  announcePull(blob: { repository: RepositoryName; digest: Digest; size: number }, origin: Origin): void {
    this.#pulls.add(this.events.pulled(blob, origin));
  }
}
