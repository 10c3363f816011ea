import type { TraceCarrier } from '@longshore/telemetry';

/** Who asks, and how the registry was reached. */
export interface ClientFacts {
  readonly requestId: string;
  readonly address: string;
  /** As the client named the registry, with the port if it gave one. Never empty. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly userAgent: string;
  /** Where clients reach the registry: `http.host`, or scheme and host. Without a slash at the end. */
  readonly baseUrl: string;
  /** What a Location begins with: the base URL, or nothing for a relative one. */
  readonly locationBase: string;
  /** The span of another of our services that the request belongs to. The client's own is in its headers. */
  readonly trace?: TraceCarrier | undefined;
}
