import { join } from 'node:path';
import type { ClusterOptions } from './options.ts';
import { serviceNames } from '../service-names.ts';
import { freePorts } from './ports.ts';
import type { Command } from './supervised.ts';

const doors: readonly string[] = ['api-gateway', 'blob-service'];

export interface Replica {
  readonly name: string;
  readonly replica: number;
  readonly command: Command;
  /** Where it serves the registry's API, for the gateway and the blob service. */
  readonly http: string | undefined;
  /** Where it serves health and metrics. */
  readonly debug: string;
}

export interface Backends {
  readonly postgresUrl: string;
  readonly natsUrl: string;
  /** What signs upload sessions; the same in every replica. */
  readonly secret: string;
}

/** Every replica with its ports, which it keeps when it is started again. */
export async function planReplicas(
  root: string,
  options: ClusterOptions,
  backends: Backends,
): Promise<Replica[]> {
  // In the order in which they stop.
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
  const shared = sharedEnvironment(options, backends, blobServices);
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
        options: [join(root, 'apps', service, 'dist/main.js')],
        environment: {
          ...shared,
          REGISTRY_HTTP_ADDR: http ?? '127.0.0.1:0',
          REGISTRY_HTTP_DEBUG_ADDR: debug,
        },
      },
    };
  });
}

function sharedEnvironment(
  options: ClusterOptions,
  backends: Backends,
  blobServices: readonly string[],
): Record<string, string> {
  const urls = blobServices.map(
    (url, index) => [`REGISTRY_SERVICES_BLOBSERVICE_URLS_${index}`, url] as const,
  );
  return {
    REGISTRY_POSTGRES_URL: backends.postgresUrl,
    REGISTRY_NATS_SERVERS_0: backends.natsUrl,
    REGISTRY_HTTP_SECRET: backends.secret,
    REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: 'true',
    ...Object.fromEntries(urls),
    ...(options.configuration !== undefined && { REGISTRY_CONFIGURATION_PATH: options.configuration }),
    // README's files name no store: it is in the home then, as in that of standalone.
    ...(!options.namesStore && {
      REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(options.home, 'storage'),
    }),
  };
}
