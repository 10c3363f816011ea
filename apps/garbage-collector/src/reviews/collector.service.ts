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
} from '@longshore/metadata';
import {
  deleteAbandonedProbes,
  isShortOfSpace,
  type ObjectKey,
  objectKey,
  StorageDriver,
} from '@longshore/storage';
import { CollectorSettings } from '../collector-settings.ts';
import { ServiceLog, type StepOutcome } from '@longshore/service-kit';

/** Objects in one bulk deletion; S3 takes at most 1,000. */
const sweepBatch = 200;
const expiryBatch = 100;
/** An upload that has not moved for so long stands still, when the store is short of space. Seconds. */
const idleUpload = 600;
/** Longer than a writer's lease (15 s), with room for a write under way. Seconds. */
const idleTrashSeconds = 120;
const repositoryBatch = 500;
const untaggedBatch = 500;
/** Until another sweeper may take keys that one has claimed: longer than a bulk deletion takes. Seconds. */
const sweepLease = 300;

/** The steps of the online collection (docs/protocol): each does one small thing and may run on any number of replicas. */
@Injectable()
export class CollectorService {
  constructor(
    private readonly database: Database,
    private readonly driver: StorageDriver,
    private readonly settings: CollectorSettings,
    private readonly log: ServiceLog,
  ) {}

  async reviewLinks(): Promise<StepOutcome> {
    return (await reviewLink(this.database.db, this.settings)).kind === 'idle' ? 'idle' : 'worked';
  }

  async reviewBlobs(): Promise<StepOutcome> {
    const { grace, trashSeconds: notBeforeSeconds } = this.settings;
    return (await reviewBlob(this.database.db, { grace, notBeforeSeconds })).kind === 'idle'
      ? 'idle'
      : 'worked';
  }

  async reviewManifests(): Promise<StepOutcome> {
    return (await reviewManifest(this.database.db, this.settings)).kind === 'idle' ? 'idle' : 'worked';
  }

  /** What was kept before `gc.untagged` was turned on has no review. */
  async reviewUntagged(): Promise<StepOutcome> {
    await reviewUntagged(this.database.db, { grace: this.settings.grace, batch: untaggedBatch });
    return 'idle';
  }

  /** Repositories that hold nothing: those of uploads that came to nothing, and those that were emptied. */
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
    return expired.length === expiryBatch ? 'worked' : 'idle';
  }

  /**
   * While the store is short of space: uploads that hold bytes and have stood still for a while end before their time, and their bytes go as soon as
   * no writer's lease can be left. Nobody reads what was never committed.
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
    if (expired.length > 0)
      this.log.warn('the store is short of space: uploads that stood still have been ended', {
        uploads: expired.length,
        freeBytes: space.free,
        totalBytes: space.total,
      });
    return expired.length === expiryBatch ? 'worked' : 'idle';
  }

  /** Objects first, rows after, and only those whose objects are gone: a sweeper that dies leaves nothing behind unnamed. */
  async sweep(): Promise<StepOutcome> {
    const { db } = this.database;
    const due = await claimTrash(db, { limit: sweepBatch, leaseSeconds: sweepLease });
    if (due.length === 0) return 'idle';
    const { gone, failed } = await this.driver.delete(due.map(({ storageKey }) => objectKey(storageKey)));
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
   * Removes parts and side objects that no open upload needs: what a process left that died before it could say what it had begun, or whose store
   * did not delete what a commit no longer needed; and the probes of checks that died. Only what is older than the grace: a session is written
   * down before its first byte, but clocks differ.
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
