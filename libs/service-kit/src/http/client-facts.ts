import type { CertifiedAccount } from '@longshore/authorization';
import type { TraceCarrier } from '@longshore/telemetry';

/** The client, and the address by which it reached the registry. */
export interface ClientFacts {
  readonly requestId: string;
  readonly address: string;
  /** The registry's host as the client named it, with the port if it gave one. Never empty. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly userAgent: string;
  /** URL by which clients reach the registry: `http.host`, or scheme and host. Without a trailing slash. */
  readonly baseUrl: string;
  /** Prefix of a Location: the base URL, or empty for a relative one. */
  readonly locationBase: string;
  /** The account that the client's certificate names (`auth.certificate`). */
  readonly certificate?: CertifiedAccount | undefined;
  /** True if another of our services has forwarded the request. That service has counted it, and reports its outcome. */
  readonly isForwarded?: true;
  /** The span in another of our services that the request belongs to. The client's own span is in its headers. */
  readonly trace?: TraceCarrier | undefined;
}
