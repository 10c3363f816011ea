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

/** Answers, announces and records pulls of manifests (distribution-spec end-3). */
@Injectable()
export class PullsService {
  constructor(
    private readonly database: Database,
    private readonly settings: ManifestSettings,
    private readonly events: ManifestEvents,
    private readonly records: PullRecords,
  ) {}

  /**
   * Gives the same answer for an unknown repository as for an unknown manifest: skopeo and others accept only MANIFEST_UNKNOWN as "not found", which
   * is distribution's answer.
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
    // Also for HEAD: a node that has an image sends nothing else when it starts the image again.
    this.records.add(found.id);
    if (query.origin !== undefined) this.events.announcePull({ ...query, ...found }, query.origin);
    const { digest, mediaType, size, payload } = found;
    return { digest, mediaType, size, ...(payload === undefined ? {} : { payload }) };
  }

  /** Postpones the review of a manifest that a pusher asked for. @throws OciError MANIFEST_UNKNOWN if a collector was faster */
  async #keep(repository: RepositoryName, reference: Reference): Promise<void> {
    const { grace } = this.settings;
    const kept = await manifestForPush(this.database.db, { repository, reference, grace });
    if (kept === undefined) throw new OciError('MANIFEST_UNKNOWN', { reference: formatReference(reference) });
  }
}
