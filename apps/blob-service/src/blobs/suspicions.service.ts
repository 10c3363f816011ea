import { Injectable } from '@nestjs/common';
import { type BlobObject, Database, suspectBlob } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import type { ObjectFault } from './checked-body.ts';

const words: Readonly<Record<ObjectFault, string>> = {
  absent: 'is not in the store',
  length: 'has another length',
  digest: 'has other bytes',
};

/** Objects that do not match the database when they are read. */
@Injectable()
export class Suspicions {
  readonly #suspected;

  constructor(
    private readonly database: Database,
    metrics: Metrics,
    private readonly log: ServiceLog,
  ) {
    this.#suspected = metrics.counter(series.blobsSuspected);
  }

  /**
   * Removes the blob from all repositories until it is pushed again or the garbage collector has read it whole. Only the read that finds the fault
   * first is counted and logged, not concurrent ones.
   * @throws DatabaseUnavailable
   */
  async report(object: BlobObject, fault: ObjectFault): Promise<void> {
    if (!(await suspectBlob(this.database.db, object))) return;
    this.#suspected.inc({ fault });
    const { digest, storageKey: key } = object;
    this.log.warn(`the object of a blob ${words[fault]}: the blob is unknown until it is pushed again`, {
      digest,
      key,
      fault,
    });
  }

  /** Acts as `report` when an answer has already begun and nobody waits. A failure to mark the blob is logged. */
  note(object: BlobObject, fault: ObjectFault): void {
    this.report(object, fault).catch((error: unknown) =>
      this.log.error(error, `${object.digest} could not be marked as suspect`),
    );
  }
}
