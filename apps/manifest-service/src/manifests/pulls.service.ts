import { Injectable } from '@nestjs/common';
import type { ManifestQuery, StoredManifest } from '@longshore/messaging';
import { Database, type ManifestEntry, manifestForPush, type Unknown } from '@longshore/metadata';
import {
  formatReference,
  OciError,
  parseReference,
  parseRepositoryName,
  type Reference,
  type RepositoryName,
} from '@longshore/oci';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestEvents } from './manifest-events.ts';
import { PullRecords } from './pull-records.ts';

/** Pulls of manifests (distribution-spec end-3): answered, announced and recorded. */
@Injectable()
export class PullsService {
  constructor(
    private readonly database: Database,
    private readonly settings: ManifestSettings,
    private readonly events: ManifestEvents,
    private readonly records: PullRecords,
  ) {}

  /**
   * A repository that is unknown is no other answer than a manifest that is: skopeo and others take only MANIFEST_UNKNOWN for
   * "not found", as distribution says it.
   * @throws OciError MANIFEST_UNKNOWN
   */
  async get(query: ManifestQuery): Promise<StoredManifest> {
    const repository = parseRepositoryName(query.repository);
    const reference = parseReference(query.reference);
    const { lookups } = this.database;
    const key = { repository, reference };
    const found: (ManifestEntry & { readonly payload?: Buffer }) | Unknown = await (query.payload
      ? lookups.manifest(key)
      : lookups.manifestEntry(key));
    if (typeof found === 'string') throw new OciError('MANIFEST_UNKNOWN', { reference: query.reference });
    if (query.pushing === true && found.reviewSoon) await this.#keep(repository, reference);
    // HEAD as well: a node that has an image asks for no more when it starts it again.
    this.records.add(found.id);
    if (query.origin !== undefined) this.events.announcePull({ ...query, ...found }, query.origin);
    const { digest, mediaType, size, payload } = found;
    return { digest, mediaType, size, ...(payload === undefined ? {} : { payload }) };
  }

  /** Puts off the review of a manifest that a pusher asked for. @throws OciError MANIFEST_UNKNOWN when a collector was faster */
  async #keep(repository: RepositoryName, reference: Reference): Promise<void> {
    const { grace } = this.settings;
    const kept = await manifestForPush(this.database.db, { repository, reference, grace });
    if (kept === undefined) throw new OciError('MANIFEST_UNKNOWN', { reference: formatReference(reference) });
  }
}
