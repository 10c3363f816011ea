import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { claimSuspect, clearSuspect, Database, type SuspectBlob } from '@longshore/metadata';
import { digestAlgorithm, digestHex } from '@longshore/oci';
import { ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { isLostOrDamaged, objectKey, StorageDriver } from '@longshore/storage';
import { Metrics, series } from '@longshore/telemetry';

/** Seconds before an object that is still damaged is read again for the first time. The pause doubles. */
const pauseSeconds = 60;

/** Reads the objects of suspect blobs again: a bit that flips in memory, or a short failure of the store, must not condemn a blob for ever. */
@Injectable()
export class SecondLook {
  readonly #reread;

  constructor(
    private readonly database: Database,
    private readonly driver: StorageDriver,
    metrics: Metrics,
    private readonly log: ServiceLog,
  ) {
    this.#reread = metrics.counter(series.suspectsReread);
  }

  /** @throws StorageError if the store does not answer; the blob comes again after its pause */
  async step(): Promise<StepOutcome> {
    const suspect = await claimSuspect(this.database.db, { pauseSeconds });
    if (suspect === undefined) return 'idle';
    const whole = await this.#isWhole(suspect);
    this.#reread.inc({ outcome: whole ? 'whole' : 'damaged' });
    if (whole && (await clearSuspect(this.database.db, suspect)))
      this.log.info('a suspect blob was read whole, and is served again', {
        digest: suspect.digest,
        key: suspect.storageKey,
      });
    return 'worked';
  }

  async #isWhole({ digest, size, storageKey }: SuspectBlob): Promise<boolean> {
    const hash = createHash(digestAlgorithm(digest));
    let read = 0;
    try {
      const range = size === 0 ? {} : { start: 0, end: size - 1 };
      for await (const chunk of await this.driver.read(objectKey(storageKey), range)) {
        hash.update(chunk);
        read += chunk.byteLength;
      }
    } catch (error) {
      if (isLostOrDamaged(error)) return false;
      throw error;
    }
    return read === size && hash.digest('hex') === digestHex(digest);
  }
}
