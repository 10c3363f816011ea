import { join } from 'node:path';
import type { ClusterOptions } from './options.ts';
import { busSecret, servicesSecret } from '../secrets/names.ts';
import { serviceNames } from '../service-names.ts';
import { freePorts } from './ports.ts';
import type { Command } from './supervised.ts';

/**
 * Bounds what V8 keeps of short-lived objects. By default each process takes as much as if the whole machine were its own; in a container, its memory
 * limit bounds it. A gateway grows by 90 MiB instead of 150 while it answers 50,000 requests.
 */
const youngGeneration = '--max-semi-space-size=16';

const doors: readonly string[] = ['api-gateway', 'blob-service'];
/** The services that share `services.secret`. */
const sealing: readonly string[] = [...doors, 'auth-service'];

export interface Replica {
  readonly name: string;
  readonly replica: number;
  readonly command: Command;
  /** Address of the registry's API, for the gateway and blob-service. */
  readonly http: string | undefined;
  /** Address of health and metrics. */
  readonly debug: string;
}

export interface Backends {
  /** Backends that we started. Undefined if the configuration names others, which the services read themselves. */
  readonly postgresUrl: string | undefined;
  readonly natsUrl: string | undefined;
  /** Secrets by the names of tools/secrets. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Plans every replica with its ports, which it keeps over restarts. */
export async function planReplicas(
  root: string,
  options: ClusterOptions,
  backends: Backends,
): Promise<Replica[]> {
  // In the order of stopping.
  const places = serviceNames.flatMap((service) =>
    Array.from({ length: options.replicas }, (_, index) => [service, index + 1] as const),
  );
  const ports = await freePorts(2 * places.length);
  const placed = places.map(([service, replica], index) => ({
    service,
    replica,
    http: doors.includes(service) ? `127.0.0.1:${ports[2 * index]}` : undefined,
    debug: `127.0.0.1:${ports[2 * index + 1]}`,
  }));
  const blobServices = placed
    .filter(({ service }) => service === 'blob-service')
    .map(({ http }) => `http://${http}`);
  const shared = sharedEnvironment(options, blobServices);
  return placed.map(({ service, replica, http, debug }) => {
    const name = `longshore-${service}`;
    return {
      name,
      replica,
      http,
      debug,
      command: {
        name,
        label: `${service} ${replica}`,
        program: process.execPath,
        options: [youngGeneration, join(root, 'apps', service, 'dist/main.js')],
        environment: {
          ...shared,
          ...ownBackends(service, backends),
          REGISTRY_HTTP_ADDR: http ?? '127.0.0.1:0',
          REGISTRY_HTTP_DEBUG_ADDR: debug,
        },
      },
    };
  });
}

function sharedEnvironment(
  { configuration, storage }: ClusterOptions,
  blobServices: readonly string[],
): Record<string, string> {
  const urls = blobServices.map(
    (url, index) => [`REGISTRY_SERVICES_BLOBSERVICE_URLS_${index}`, url] as const,
  );
  return {
    REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: 'true',
    ...Object.fromEntries(urls),
    ...(storage !== undefined && { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: storage }),
    ...(configuration !== undefined && { REGISTRY_CONFIGURATION_PATH: configuration }),
  };
}

/** Returns the backends and secrets that this service needs. Other services do not get them. */
function ownBackends(
  service: (typeof serviceNames)[number],
  { secrets, postgresUrl, natsUrl }: Backends,
): Record<string, string> {
  const secret = (name: string): string => secrets.get(name) ?? '';
  const onBus = natsUrl !== undefined && service !== 'garbage-collector';
  return {
    ...(onBus && {
      REGISTRY_NATS_SERVERS_0: natsUrl,
      REGISTRY_NATS_PASSWORD: secret(busSecret(service)),
    }),
    ...(postgresUrl !== undefined && service !== 'api-gateway' && { REGISTRY_POSTGRES_URL: postgresUrl }),
    ...(service === 'auth-service' && { REGISTRY_HTTP_SECRET: secret('http-secret') }),
    ...(sealing.includes(service) && { REGISTRY_SERVICES_SECRET: secret(servicesSecret) }),
  };
}
