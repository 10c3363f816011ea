import type { Need } from '../load-configuration.ts';
import type { Resource } from './resource-problems.ts';

/** What a service asks of the configuration before it starts. */
export interface ServiceDemands {
  /** Sections without which it cannot do its work. */
  readonly needs: readonly Need[];
  /** What it opens of the things that the configuration names. */
  readonly uses: readonly Resource[];
}

/** The services and what each demands: their starts and `configuration check` read the same table. */
export const serviceDemands = {
  'api-gateway': {
    needs: ['nats', 'services.secret', 'services.blobservice.urls'],
    uses: ['listener', 'debug listener', 'token keys', 'bus', 'blob-service'],
  },
  'blob-service': {
    needs: ['nats', 'postgres', 'services.secret'],
    uses: ['listener', 'debug listener', 'token keys', 'bus', 'store'],
  },
  'manifest-service': { needs: ['nats', 'postgres'], uses: ['debug listener', 'bus'] },
  'auth-service': {
    needs: ['nats', 'postgres', 'services.secret'],
    uses: ['debug listener', 'accounts', 'signing secret', 'bus'],
  },
  notifier: { needs: ['nats', 'postgres'], uses: ['debug listener', 'bus'] },
  'garbage-collector': { needs: ['postgres'], uses: ['debug listener', 'store'] },
  standalone: {
    needs: [],
    uses: ['listener', 'debug listener', 'accounts', 'token keys', 'signing secret', 'store'],
  },
} as const satisfies Readonly<Record<string, ServiceDemands>>;

export type ServiceName = keyof typeof serviceDemands;

export const serviceNames: readonly string[] = Object.keys(serviceDemands);

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(serviceDemands, name);
}
