import { NatsConnector, type NatsLog } from './nats-connector.ts';

/** The `nats` section of the configuration. */
export interface NatsSection {
  readonly servers: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly creds?: string | undefined;
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly certificate?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

/** A connector as the configuration describes it. @param largestMessageBytes the limit on manifests @throws Error without a section */
export function natsConnector(
  section: NatsSection | undefined,
  { name, largestMessageBytes, log }: { name: string; largestMessageBytes: number; log: NatsLog },
): NatsConnector {
  if (section === undefined) throw new Error('nats.servers is not configured');
  const { servers, user, password, creds: credentials, tls } = section;
  const files = tls && {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { certificate: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
  return new NatsConnector(
    { servers, user, password, credentials, tls: files, name, largestMessageBytes },
    log,
  );
}
