import { Injectable } from '@nestjs/common';
import { type BlobObject, Database, suspectBlob } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Metrics } from '@longshore/telemetry';
import type { ObjectFault } from './checked-body.ts';

const words: Readonly<Record<ObjectFault, string>> = {
  absent: 'is not in the store',
  length: 'has another length',
  digest: 'has other bytes',
};

/** Objects that were read and are not what the database says of them. */
@Injectable()
export class Suspicions {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly log: ServiceLog,
  ) {}

  /**
   * Takes the blob from all repositories until it is pushed again or the garbage collector has read it whole. Counted and logged by the read that
   * found it first, not by those that were under way beside it.
   * @throws DatabaseUnavailable
   */
  async report(object: BlobObject, fault: ObjectFault): Promise<void> {
    if (!(await suspectBlob(this.database.db, object))) return;
    this.metrics.blobSuspected(fault);
    const { digest, storageKey: key } = object;
    this.log.warn(`the object of a blob ${words[fault]}: the blob is unknown until it is pushed again`, {
      digest,
      key,
      fault,
    });
  }

  /** As `report`, where an answer has begun and nobody waits: a mark that cannot be made is logged. */
  note(object: BlobObject, fault: ObjectFault): void {
    this.report(object, fault).catch((error: unknown) =>
      this.log.error(error, `${object.digest} could not be marked as suspect`),
    );
  }
}
