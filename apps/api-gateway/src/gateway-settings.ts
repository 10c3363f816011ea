import { announcesPulls, type Configuration } from '@longshore/configuration';
import { type ClientSeal, clientSealOf } from '@longshore/service-kit';

/** The part of the configuration that the gateway uses. */
export class GatewaySettings {
  /** Largest manifest in bytes. */
  readonly manifestBytes: number;
  /** Largest page of tags. */
  readonly maximumTags: number;
  /** Tags per question to manifest-service, if the client wants all: 0.6 MiB at most. */
  readonly tagsPerRead = 5_000;
  readonly maximumCatalogEntries: number;
  readonly maximumReferrers = 1000;
  /** Most tags in one push. The specification requires at least ten. */
  readonly maximumTagsPerPush = 100;
  readonly deleteEnabled: boolean;
  /** False if no notification endpoint wants pulls. Then a pull writes nothing. */
  readonly announcesPulls: boolean;
  /** Seals the client's facts for blob-service. */
  readonly seal: ClientSeal | undefined;
  /** Files for TLS to blob-service. */
  readonly replicaTls: Readonly<Record<'ca' | 'certificate' | 'key', string | undefined>>;

  constructor({ validation, tags, catalog, storage, notifications, services }: Configuration) {
    this.manifestBytes = validation.manifests.payloadsizelimit;
    this.maximumTags = tags.maxtags;
    this.maximumCatalogEntries = catalog.maxentries;
    this.deleteEnabled = storage.delete.enabled;
    this.announcesPulls = announcesPulls(notifications);
    this.seal = clientSealOf(services.secret);
    const { ca, certificate, key } = services.blobservice.tls ?? {};
    this.replicaTls = { ca, certificate, key };
  }
}
