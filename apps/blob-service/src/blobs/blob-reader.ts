import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { type BlobKey, Database, type StoredBlob } from '@longshore/metadata';
import { type ContentRange, OciError } from '@longshore/oci';
import { objectKey, StorageDriver } from '@longshore/storage';
import { BlobSettings } from '../blob-settings.ts';
import { checkedBody, faultOf } from './checked-body.ts';
import { Suspicions } from './suspicions.service.ts';

/** Opens the objects of blobs and reports damaged ones. */
@Injectable()
export class BlobReader {
  constructor(
    private readonly database: Database,
    private readonly driver: StorageDriver,
    private readonly settings: BlobSettings,
    private readonly suspicions: Suspicions,
  ) {}

  /**
   * Opens the bytes of a blob that was looked up, or a range of them. A body that turns out to be wrong fails before its last byte.
   * @throws OciError BLOB_UNKNOWN if the object is not in the store; the blob is then unknown in every repository
   */
  async read(key: BlobKey, blob: StoredBlob, range: ContentRange | undefined): Promise<Readable> {
    const last = blob.size - 1;
    // Always request the end: if the store's answer is short but looks complete, the driver requests the rest.
    const part = range ?? (blob.size === 0 ? {} : { start: 0, end: last });
    const isWhole = range === undefined || (range.start === 0 && range.end === last);
    const object = { digest: key.digest, storageKey: blob.storageKey };
    try {
      const body = await this.driver.read(objectKey(blob.storageKey), part);
      return checkedBody(body, {
        size: range === undefined ? blob.size : range.end - range.start + 1,
        digest: isWhole && this.settings.verifiesPulls ? key.digest : undefined,
        failed: (fault) => this.suspicions.note(object, fault),
      });
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      await this.suspicions.report(object, fault);
      return this.#readNewer(key, blob, range, error);
    }
  }

  /** Reads the newer object if a push has replaced the object since the lookup. */
  async #readNewer(
    key: BlobKey,
    { storageKey }: StoredBlob,
    range: ContentRange | undefined,
    cause: unknown,
  ): Promise<Readable> {
    const newest = await this.database.lookups.blob(key);
    if (typeof newest === 'string' || newest.storageKey === storageKey)
      throw new OciError('BLOB_UNKNOWN', { digest: key.digest }, { cause });
    return this.read(key, newest, range);
  }
}
