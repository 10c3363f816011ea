import { describe, expect, it } from 'vitest';
import { serviceNames } from '../service-names.ts';
import { policiesFor, policiesOf, reachOf } from './network-edges.ts';
import { podsOf } from './pods.ts';
import { merge, render, type Values } from './render-chart.ts';
import { renderScenario, scenarios } from './scenarios.ts';

const dns = JSON.stringify({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
});
const resolves = (...components: string[]): string[] =>
  components.flatMap((component) => ['UDP 53', 'TCP 53'].map((port) => `${component} → ${dns} ${port}`));
const onPostgres = serviceNames.filter((service) => service !== 'api-gateway');
const onNats = serviceNames.filter((service) => service !== 'garbage-collector');

async function edges(
  values: Values,
  options?: readonly string[],
): Promise<{ outgoing: string[]; incoming: string[] }> {
  const objects = await render(values, options);
  const { outgoing, incoming } = reachOf(podsOf(objects), objects);
  return { outgoing: [...outgoing].toSorted(), incoming: [...incoming].toSorted() };
}

describe.each(scenarios)('every pod of %s', (scenario) => {
  it('has one policy that closes both directions', async () => {
    const objects = await renderScenario(scenario);
    const pods = podsOf(objects);
    for (const pod of pods) {
      const policies = policiesFor(pod, objects);
      expect(
        policies.map(({ spec }) => spec.policyTypes),
        pod.owner,
      ).toEqual([['Ingress', 'Egress']]);
    }
    expect(policiesOf(objects)).toHaveLength(pods.length);
  });

  it('may receive exactly the connections that other pods of the release may open', async () => {
    const objects = await renderScenario(scenario);
    const { outgoing, incoming } = reachOf(podsOf(objects), objects);
    const components = podsOf(objects).map(({ labels }) => labels['app.kubernetes.io/component'] ?? '');
    const within = (edge: string): boolean => components.some((end) => edge.includes(`→ ${end} `));
    const fromWithin = (edge: string): boolean => components.some((end) => edge.startsWith(`${end} →`));
    expect([...outgoing].filter(within).toSorted()).toEqual([...incoming].filter(fromWithin).toSorted());
  });
});

/** The rest of an identity provider. */
const trusted = { audience: 'https://registry.example', rules: [{ claims: { sub: 'a' } }] };

describe('the edges, and no other', () => {
  const tried: Values = {
    storage: { driver: 'filesystem', existingSecret: '', s3: null },
    blobService: { replicas: 1 },
    migrations: { mode: 'job' },
    postgres: { host: '', bundled: { enabled: true } },
    nats: { servers: [], existingSecret: 'n', bundled: { enabled: true } },
  };
  const within = [
    'api-gateway → blob-service TCP 5000',
    'test → api-gateway TCP 5000',
    ...[...onPostgres, 'cli', 'migrations'].map((component) => `${component} → postgres TCP 5432`),
    ...onNats.map((component) => `${component} → nats TCP 4222`),
  ];

  it('with everything inside', async () => {
    expect(await edges(tried)).toEqual({
      outgoing: [...within, ...resolves(...serviceNames, 'cli', 'migrations', 'test')].toSorted(),
      incoming: [...within, 'anybody → api-gateway TCP 5000'].toSorted(),
    });
  });

  it('to parties outside at their ports', async () => {
    const store = { s3: { bucket: 'b', regionendpoint: 'http://minio:9000' } };
    const { outgoing } = await edges({
      postgres: { port: 6432 },
      nats: { servers: ['nats://a:4223', 'b', 'b:4224'] },
      storage: store,
      migrations: { mode: 'none' },
    });
    expect(outgoing).toEqual(
      [
        'api-gateway → blob-service TCP 5000',
        'test → api-gateway TCP 5000',
        ...[...onPostgres, 'cli'].map((component) => `${component} → anybody TCP 6432`),
        ...onNats.flatMap((component) =>
          [4222, 4223, 4224].map((port) => `${component} → anybody TCP ${port}`),
        ),
        ...['blob-service', 'garbage-collector', 'test'].flatMap((component) =>
          [443, 9000].map((port) => `${component} → anybody TCP ${port}`),
        ),
        ...resolves(...serviceNames, 'cli', 'test'),
      ].toSorted(),
    );
  });

  it.each([
    [
      'clients to blob-service, where a route leads to it',
      { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } },
      { incoming: ['anybody → blob-service TCP 5000'], outgoing: [] },
    ],
    [
      'readers of metrics',
      { metrics: { serviceMonitor: { enabled: true } } },
      { incoming: serviceNames.map((service) => `anybody → ${service} TCP 5001`), outgoing: [] },
    ],
    [
      'readers of metrics that are named',
      { networkPolicy: { outside: { metrics: [{ podSelector: {}, namespaceSelector: {} }] } } },
      {
        incoming: serviceNames.map(
          (service) => `{"namespaceSelector":{},"podSelector":{}} → ${service} TCP 5001`,
        ),
        outgoing: [],
      },
    ],
    [
      'the services that hand out identities, where no key signs in',
      {
        storage: { existingSecret: '' },
        networkPolicy: { outside: { identity: [{ ipBlock: { cidr: '1.2.3.4/32' } }] } },
      },
      {
        incoming: [],
        outgoing: ['blob-service', 'garbage-collector'].map(
          (component) => `${component} → {"ipBlock":{"cidr":"1.2.3.4/32"}} TCP 80`,
        ),
      },
    ],
    [
      'webhooks, at the ports of their URLs',
      {
        networkPolicy: { outside: { webhooks: [] } },
        configuration: {
          notifications: {
            endpoints: [
              { name: 'a', url: 'https://a/x' },
              { name: 'b', url: 'http://b:8080' },
              { name: 'c', url: 'http://c/' },
            ],
          },
        },
      },
      { incoming: [], outgoing: [80, 443, 8080].map((port) => `notifier → anybody TCP ${port}`) },
    ],
    [
      'identity providers whose keys are fetched, by auth-service alone',
      {
        networkPolicy: { providerPorts: [6443] },
        configuration: {
          auth: {
            workloads: [
              { name: 'a', issuer: 'https://a', ...trusted },
              { name: 'b', issuer: 'https://b', jwks: 'http://b:8080/keys', ...trusted },
              { name: 'c', issuer: 'https://c:9443', jwks: '/etc/keys.json', ...trusted },
            ],
          },
        },
      },
      { incoming: [], outgoing: [443, 6443, 8080].map((port) => `auth-service → anybody TCP ${port}`) },
    ],
    [
      'identity providers that people log in with, and directories',
      {
        externalUrl: 'https://registry.example',
        auth: { seal: { existingSecret: 'seal' } },
        configuration: {
          auth: {
            token: {},
            oidc: {
              providers: [
                { name: 'a', issuer: 'https://a/realms/b', clientid: 'c' },
                { name: 'b', issuer: 'https://b:8443', clientid: 'c' },
              ],
            },
            ldap: { urls: ['ldaps://a', 'ldap://b', 'ldaps://c:1636'], userdn: 'uid={name}', starttls: true },
          },
        },
      },
      {
        incoming: [],
        outgoing: [389, 443, 636, 1636, 8443].map((port) => `auth-service → anybody TCP ${port}`),
      },
    ],
    [
      'the collector of traces',
      { configuration: { telemetry: { otlp: { endpoint: 'http://collector:4318' } } } },
      { incoming: [], outgoing: serviceNames.map((service) => `${service} → anybody TCP 4318`) },
    ],
    [
      'rules of the operator',
      {
        networkPolicy: {
          extra: {
            notifier: {
              egress: [{ to: [{ ipBlock: { cidr: '10.9.0.0/16' } }], ports: [{ port: 1, protocol: 'UDP' }] }],
            },
          },
        },
      },
      { incoming: [], outgoing: ['notifier → {"ipBlock":{"cidr":"10.9.0.0/16"}} UDP 1'] },
    ],
  ])('and %s', async (_what, values, added) => {
    const plain = await edges({ storage: { existingSecret: 's' } });
    const more = await edges(merge({ storage: { existingSecret: 's' } }, values));
    for (const direction of ['incoming', 'outgoing'] as const)
      expect(more[direction].filter((edge) => !plain[direction].includes(edge))).toEqual(
        [...added[direction]].toSorted(),
      );
  });

  it('to the Internet only, for webhooks', async () => {
    const endpoints = [{ name: 'a', url: 'https://a' }];
    const { outgoing } = await edges({ configuration: { notifications: { endpoints } } });
    const hooks = outgoing.filter((edge) => edge.startsWith('notifier → {"ipBlock"'));
    expect(hooks).toHaveLength(2);
    for (const network of ['10.0.0.0/8', '169.254.0.0/16', '127.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12'])
      expect(hooks[0]).toContain(network);
  });

  it('are unrestricted when policies are switched off', async () => {
    expect(policiesOf(await render({ networkPolicy: { enabled: false } }))).toEqual([]);
  });
});
