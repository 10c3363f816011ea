import { announcesPulls, type Configuration } from '@longshore/configuration';
import { type ClientSeal, clientSealOf } from '@longshore/service-kit';

/** The gateway's slice of the configuration. */
export class GatewaySettings {
  /** Bytes. */
  readonly manifestBytes: number;
  /** Of a page, when the client asks for one. */
  readonly maximumTags: number;
  /** Tags that one question to manifest-service asks for, when the client wants all: 0.6 MiB at most. */
  readonly tagsPerRead = 5_000;
  readonly maximumCatalogEntries: number;
  readonly maximumReferrers = 1000;
  /** The specification asks for ten at least. */
  readonly maximumTagsPerPush = 100;
  readonly deleteEnabled: boolean;
  /** False when no notification endpoint wants pulls: then a pull writes nothing. */
  readonly announcesPulls: boolean;
  /** Tells blob-service who the client is. */
  readonly seal: ClientSeal | undefined;
  /** Files for TLS towards blob-service. */
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
