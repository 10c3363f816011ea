import type { Need } from '../load-configuration.ts';
import type { Resource } from './resource-problems.ts';

/** The requirements of a service on the configuration, before it starts. */
export interface ServiceDemands {
  /** Sections that it cannot work without. */
  readonly needs: readonly Need[];
  /** Resources of the configuration that it opens. */
  readonly uses: readonly Resource[];
}

/** The services and their requirements. Their starts and `configuration check` read the same table. */
export const serviceDemands = {
  'api-gateway': {
    needs: ['nats', 'services.secret', 'services.blobservice.urls'],
    uses: ['listener', 'debug listener', 'token keys', 'access rules', 'bus', 'blob-service'],
  },
  'blob-service': {
    needs: ['nats', 'postgres', 'services.secret'],
    uses: ['listener', 'debug listener', 'token keys', 'access rules', 'bus', 'store'],
  },
  'manifest-service': { needs: ['nats', 'postgres'], uses: ['debug listener', 'bus'] },
  'auth-service': {
    needs: ['nats', 'postgres', 'services.secret'],
    uses: ['debug listener', 'accounts', 'access rules', 'signing secret', 'identity providers', 'bus'],
  },
  notifier: { needs: ['nats', 'postgres'], uses: ['debug listener', 'bus'] },
  'garbage-collector': { needs: ['postgres'], uses: ['debug listener', 'store'] },
  standalone: {
    needs: [],
    uses: [
      'listener',
      'debug listener',
      'accounts',
      'access rules',
      'token keys',
      'signing secret',
      'identity providers',
      'store',
    ],
  },
} as const satisfies Readonly<Record<string, ServiceDemands>>;

export type ServiceName = keyof typeof serviceDemands;

export const serviceNames: readonly string[] = Object.keys(serviceDemands);
