import { RegistryClient } from '@longshore/testing';
import { serviceNames } from '../../support/service-names.ts';
import { type Release, tryValues, upgrade, type Values } from './helm.ts';
import { apply, kubectl } from './kubectl.ts';
import { restrictedNamespace } from './namespaces.ts';
import { settings } from './settings.ts';

/** Resource requests that fit two releases and an upgrade of one on a small node. The promises do not depend on them. */
export const modest = {
  defaults: { resources: { requests: { cpu: '20m', memory: '64Mi' } } },
} as const satisfies Values;

/** A manifest may reference content that nobody has pushed, as the conformance suite's sparse manifests do. */
export const sparse: Values = {
  configuration: { validation: { manifests: { blobs: 'none', indexes: { platforms: 'none' } } } },
};

const everyService = [
  'apiGateway',
  'blobService',
  'manifestService',
  'authService',
  'notifier',
  'garbageCollector',
];

/** Sets the same number of replicas for each service. */
export function replicasOfEach(replicas: number): Record<string, object> {
  return Object.fromEntries(everyService.map((service) => [service, { replicas }]));
}

export function describeRelease(topic: string, name = 'longshore'): Promise<Release> {
  return restrictedNamespace(topic).then((namespace) => ({ name, namespace }));
}

/** Installs the release of a first try: everything inside, one replica of each service. */
export async function tryRelease(...more: readonly Values[]): Promise<Release> {
  const release = await describeRelease('try');
  await upgrade(release, { values: [tryValues, modest, sparse, ...more] });
  return release;
}

const credentials = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'backing' },
  // Under `password` for the database, and for the bus of an earlier chart with one password for all services.
  stringData: Object.fromEntries(
    ['password', ...serviceNames].map((name) => [name, 'a-password-of-tests'] as const),
  ),
};

export const backing: Release = { name: 'longshore-backing', namespace: 'longshore-e2e-backing' };

/** Installs a Postgres and a NATS for releases that use external ones: the chart's own small ones, without any service. */
export async function ensureBacking(): Promise<void> {
  await describeRelease('backing');
  await apply(backing.namespace, credentials);
  const bundled = { enabled: true, persistence: { size: '1Gi', keep: false } };
  await upgrade(backing, {
    values: [
      {
        ...replicasOfEach(0),
        postgres: { existingSecret: 'backing', bundled },
        nats: { existingSecret: 'backing', bundled: { enabled: true } },
        storage: { driver: 'filesystem', persistence: { size: '1Gi', keep: false } },
        migrations: { mode: 'none' },
        // Their clients are in other namespaces.
        networkPolicy: { enabled: false },
      },
    ],
  });
}

/** Values of a release on the backing Postgres and NATS. The Secret is in its namespace. */
export function onBacking(database = 'longshore'): Values {
  return {
    postgres: { host: backingHost('postgres'), database, existingSecret: 'backing' },
    nats: { servers: [`nats://${backingHost('nats')}:4222`], existingSecret: 'backing' },
  };
}

function backingHost(component: string): string {
  return `${backing.name}-${component}.${backing.namespace}.svc`;
}

export function bringCredentials(namespace: string): Promise<void> {
  return apply(namespace, credentials);
}

/** Creates an empty database on the backing Postgres, after dropping an earlier one. */
export async function freshDatabase(name: string): Promise<void> {
  await sql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await sql('postgres', `CREATE DATABASE ${name}`);
}

/** Returns rows as psql prints them, without decoration. */
export function sql(database: string, statement: string): Promise<string> {
  const psql = [
    'psql',
    '--host=/tmp',
    '--username=longshore',
    '--no-align',
    '--tuples-only',
    '--set=ON_ERROR_STOP=1',
  ];
  const script = `export PATH=/usr/lib/postgresql/bin; read -r PGPASSWORD < /run/secrets/longshore/postgres/password; export PGPASSWORD; exec "$@"`;
  return kubectl([
    'exec',
    `--namespace=${backing.namespace}`,
    `${backing.name}-postgres-0`,
    '--',
    '/bin/sh',
    '-c',
    script,
    'sh',
    ...psql,
    `--dbname=${database}`,
    `--command=${statement}`,
  ]);
}

/** Two replicas of each service on a shared volume, external Postgres and NATS, migrations as a hook: the recommended values. */
export const replicated: readonly Values[] = [
  modest,
  {
    ...replicasOfEach(2),
    apiGateway: { replicas: 2, service: { type: 'NodePort' } },
    storage: {
      driver: 'filesystem',
      persistence: { accessModes: ['ReadWriteMany'], size: '5Gi', keep: false },
    },
  },
];

export async function replicatedRelease(): Promise<Release> {
  await ensureBacking();
  const release = await describeRelease('replicated');
  await bringCredentials(release.namespace);
  await upgrade(release, { values: [...replicated, onBacking()] });
  return release;
}

/** Returns the address at which the host reaches the gateway's Service. */
export async function serviceOrigin(release: Release): Promise<string> {
  const port = await nodePort(release);
  return `http://${await nodeAddress()}:${port}`;
}

export async function clientOf(release: Release): Promise<RegistryClient> {
  return new RegistryClient(await serviceOrigin(release));
}

export function nodePort({ name, namespace }: Release): Promise<string> {
  return kubectl([
    'get',
    'service',
    `${name}-api-gateway`,
    `--namespace=${namespace}`,
    '--output=jsonpath={.spec.ports[0].nodePort}',
  ]);
}

export async function nodeAddress(): Promise<string> {
  if (settings.nodeAddress !== '') return settings.nodeAddress;
  const path = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return kubectl(['get', 'nodes', `--output=${path}`]);
}
