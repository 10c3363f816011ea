import { Injectable } from '@nestjs/common';
import {
  claimTrash,
  collectRepositories,
  confirmTrashGone,
  Database,
  expireIdleUploads,
  expireUploads,
  orphanedKeys,
  reviewBlob,
  reviewLink,
  reviewManifest,
  reviewUntagged,
  type ReviewOutcome,
} from '@longshore/metadata';
import {
  deleteAbandonedProbes,
  isShortOfSpace,
  type ObjectKey,
  objectKey,
  StorageDriver,
} from '@longshore/storage';
import { Metrics, series } from '@longshore/telemetry';
import { CollectorSettings } from '../collector-settings.ts';
import { ServiceLog, type StepOutcome } from '@longshore/service-kit';

/** Objects in one bulk deletion; S3 takes at most 1,000. */
const sweepBatch = 200;
const expiryBatch = 100;
/** Seconds without progress after which an upload counts as idle, if the store is short of space. */
const idleUpload = 600;
/** Seconds. Longer than a writer's lease (15 s), with time for a write in progress. */
const idleTrashSeconds = 120;
const repositoryBatch = 500;
const untaggedBatch = 500;
/** Seconds until another sweeper may claim the same keys. Longer than a bulk deletion takes. */
const sweepLease = 300;

/** The steps of online garbage collection (docs/protocol). Each does one small thing and may run on any number of replicas. */
@Injectable()
export class CollectorService {
  readonly #reviews;
  readonly #objects;
  readonly #uploads;

  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly database: Database,
    private readonly driver: StorageDriver,
    private readonly settings: CollectorSettings,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.#reviews = metrics.counter(series.collectorReviews);
    this.#objects = metrics.counter(series.objectsDeleted);
    this.#uploads = metrics.counter(series.uploadsExpired);
  }

  async reviewLinks(): Promise<StepOutcome> {
    return this.#reviewed('link', await reviewLink(this.database.db, this.settings));
  }

  async reviewBlobs(): Promise<StepOutcome> {
    const { grace, trashSeconds: notBeforeSeconds } = this.settings;
    return this.#reviewed('blob', await reviewBlob(this.database.db, { grace, notBeforeSeconds }));
  }

  async reviewManifests(): Promise<StepOutcome> {
    return this.#reviewed('manifest', await reviewManifest(this.database.db, this.settings));
  }

  #reviewed(of: 'link' | 'blob' | 'manifest', { kind: verdict }: ReviewOutcome): StepOutcome {
    if (verdict === 'idle') return 'idle';
    this.#reviews.inc({ of, verdict });
    return 'worked';
  }

  /** Enqueues reviews of manifests that were kept before `gc.untagged` was turned on: they have none. */
  async reviewUntagged(): Promise<StepOutcome> {
    await reviewUntagged(this.database.db, { grace: this.settings.grace, batch: untaggedBatch });
    return 'idle';
  }

  /** Deletes empty repositories: those of abandoned uploads, and those that were emptied. */
  async collectRepositories(): Promise<StepOutcome> {
    const { grace } = this.settings;
    const collected = await collectRepositories(this.database.db, { grace, batch: repositoryBatch });
    return collected === 0 ? 'idle' : 'worked';
  }

  async expireUploads(): Promise<StepOutcome> {
    const expired = await expireUploads(this.database.db, {
      batch: expiryBatch,
      notBeforeSeconds: this.settings.trashSeconds,
    });
    this.#uploads.inc(expired.length);
    return expired.length === expiryBatch ? 'worked' : 'idle';
  }

  /**
   * Runs while the store is short of space. Ends idle uploads that hold bytes before they expire. Their bytes are deleted as soon as no writer's
   * lease can be left. No client reads uncommitted bytes.
   */
  async expireIdleUploads(): Promise<StepOutcome> {
    const space = await this.driver.space();
    if (space === undefined || !isShortOfSpace(space)) return 'idle';
    const expired = await expireIdleUploads(this.database.db, {
      batch: expiryBatch,
      notBeforeSeconds: Math.min(this.settings.trashSeconds, idleTrashSeconds),
      lifetimeSeconds: this.settings.uploadAge,
      idleSeconds: idleUpload,
    });
    this.#uploads.inc(expired.length);
    if (expired.length > 0)
      this.log.warn('the store is short of space: uploads that stood still have been ended', {
        uploads: expired.length,
        freeBytes: space.free,
        totalBytes: space.total,
      });
    return expired.length === expiryBatch ? 'worked' : 'idle';
  }

  /** Deletes objects first and rows afterwards, and only rows whose objects are gone. A sweeper that dies leaves no unnamed object. */
  async sweep(): Promise<StepOutcome> {
    const { db } = this.database;
    const due = await claimTrash(db, { limit: sweepBatch, leaseSeconds: sweepLease });
    if (due.length === 0) return 'idle';
    const { gone, failed } = await this.driver.delete(due.map(({ storageKey }) => objectKey(storageKey)));
    this.#objects.inc(gone.length);
    await confirmTrashGone(db, gone);
    const [first] = failed;
    if (first !== undefined)
      throw new Error(
        `${failed.length} of ${due.length} objects could not be deleted, ${first.key} among them`,
        { cause: first.error },
      );
    return 'worked';
  }

  /**
   * Deletes parts and side objects that no open upload needs, and the probes of checks that died. A process leaves parts if it dies before it records
   * what it has begun, or if its store did not delete what a commit no longer needed. Deletes only objects older than the grace: a session is
   * recorded before its first byte, but clocks differ.
   */
  async clearLeftovers(): Promise<StepOutcome> {
    const before = Date.now() - this.settings.grace * 1000;
    await deleteAbandonedProbes(this.driver, new Date(before));
    let keys = new Set<ObjectKey>();
    for await (const { key, since } of this.driver.leftovers()) {
      if (since.getTime() < before) keys.add(key);
      if (keys.size < expiryBatch) continue;
      await this.#clear([...keys]);
      keys = new Set();
    }
    await this.#clear([...keys]);
    return 'idle';
  }

  async #clear(keys: readonly ObjectKey[]): Promise<void> {
    const orphaned = await orphanedKeys(this.database.db, keys);
    await Promise.all(orphaned.map((key) => this.driver.clear(key)));
  }
}
