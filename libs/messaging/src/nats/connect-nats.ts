import type { Configuration } from '@longshore/configuration';
import type { Metrics } from '@longshore/telemetry';
import { NatsConnector, type NatsLog } from './nats-connector.ts';
import type { NatsSettings } from './nats-settings.ts';

/** Creates a connector from the configuration. @param largestMessageBytes the limit on manifests @throws Error without a section */
export function natsConnector(
  section: Configuration['nats'],
  {
    log,
    metrics,
    ...about
  }: Pick<NatsSettings, 'name' | 'largestMessageBytes' | 'startDeadlineMs'> & {
    readonly log: NatsLog;
    readonly metrics?: Metrics;
  },
): NatsConnector {
  if (section === undefined) throw new Error('nats.servers is not configured');
  const { servers, user, password, token, creds: credentials, tls } = section;
  const files = tls && {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { certificate: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
  return new NatsConnector(
    { servers, user, password, token, credentials, tls: files, ...about },
    log,
    metrics,
  );
}
