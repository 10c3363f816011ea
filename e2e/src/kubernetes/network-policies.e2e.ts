import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceNames } from '../support/service-names.ts';
import { edgesOf } from './support/edges.ts';
import { tryValues } from './support/helm.ts';
import { apply, evaluateIn, kubectl, type Pod, pods } from './support/kubectl.ts';
import { passingNamespace } from './support/namespaces.ts';
import { probePod } from './support/probe-pods.ts';
import { modest, nodeAddress, sparse, tryRelease } from './support/releases.ts';

const servers = ['postgres', 'nats'];
/** Every port on which the release listens. */
const ports: Readonly<Record<string, readonly number[]>> = {
  'api-gateway': [5000, 5001],
  'blob-service': [5000, 5001],
  'manifest-service': [5001],
  'auth-service': [5001],
  notifier: [5001],
  'garbage-collector': [5001],
  postgres: [5432],
  nats: [4222, 8222],
};

const release = await tryRelease();
const outside = await passingNamespace('outside');
const table = await edgesOf(release, { values: [tryValues, modest, sparse] });

interface Place {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Source of a connection: a running pod of the component; a test pod with its labels, if the component has no Node; or a pod outside the release. */
interface Source {
  readonly name: string;
  readonly namespace: string;
  readonly pod: string;
}

const sources: Source[] = [];
const targets: Place[] = [];

beforeAll(async () => {
  const running = await pods(release.namespace);
  const podOf = (component: string): Pod => {
    const found = running.find(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === component,
    );
    if (found === undefined) throw new Error(`there is no pod of ${component}`);
    return found;
  };
  for (const component of serviceNames)
    sources.push({ name: component, namespace: release.namespace, pod: podOf(component).metadata.name });
  const labelsOf = (component: string): Record<string, string> => ({
    'app.kubernetes.io/name': 'longshore',
    'app.kubernetes.io/instance': release.name,
    'app.kubernetes.io/component': component,
  });
  await apply(
    release.namespace,
    ...[...servers, 'test'].map((component) => probePod(`probe-${component}`, labelsOf(component))),
    probePod('probe-stranger', { app: 'stranger' }),
  );
  await apply(outside, probePod('probe-neighbour', labelsOf('blob-service')));
  const probes = [...servers, 'test', 'stranger'].map((name) => ({
    name,
    namespace: release.namespace,
    pod: `probe-${name}`,
  }));
  sources.push(...probes, { name: 'neighbour', namespace: outside, pod: 'probe-neighbour' });
  await Promise.all(
    sources
      .filter(({ pod }) => pod.startsWith('probe-'))
      .map(({ namespace, pod }) =>
        kubectl([
          'wait',
          '--for=jsonpath={.status.phase}=Running',
          `pod/${pod}`,
          `--namespace=${namespace}`,
          '--timeout=60s',
        ]),
      ),
  );
  for (const [component, listening] of Object.entries(ports))
    for (const port of listening)
      targets.push({ name: component, address: podOf(component).status.podIP ?? '', port });
}, 120_000);

afterAll(async () => {
  const probes = [...servers, 'test', 'stranger'].map((name) => `probe-${name}`);
  await kubectl([
    'delete',
    'pod',
    ...probes,
    `--namespace=${release.namespace}`,
    '--ignore-not-found',
    '--wait=false',
  ]);
});

/** Returns the result of each connection: open, refused by the target, or timeout, if nothing answers. */
async function connect({ namespace, pod }: Source, places: readonly Place[]): Promise<readonly string[]> {
  const script = `
    const { connect } = require('node:net');
    const outcomes = ${JSON.stringify(places)}.map(({ address, port }) => new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: 3000 });
      const end = (outcome) => { socket.destroy(); resolve(outcome); };
      socket.once('connect', () => end('open')).once('timeout', () => end('timeout')).once('error', ({ code }) => end(code));
    }));
    Promise.all(outcomes).then((all) => console.log(JSON.stringify(all)));`;
  const outcomes: string[] = JSON.parse(await evaluateIn(namespace, pod, script));
  return outcomes;
}

/** Pods outside the release have no policy of their own: the release sees them as clients. */
function isOpen(from: string, { name, port }: Place): boolean {
  const end = from === 'stranger' || from === 'neighbour' ? 'outside/clients' : from;
  return table.some((edge) => edge.to === name && edge.ports.includes(port) && edge.from === end);
}

describe('the table of edges', () => {
  it('names only what listens', () => {
    const inside = table.filter(({ to }) => !to.startsWith('outside/'));
    expect(inside.length).toBeGreaterThan(10);
    for (const { to, ports: named } of inside)
      for (const port of named) expect(ports[to], to).toContain(port);
  });
});

describe('on the node', () => {
  it.each([...serviceNames, ...servers, 'test', 'stranger', 'neighbour'])(
    '%s reaches what the table says, and nothing else of the release',
    async (from) => {
      const source = sourceOf(from);
      // A pod's connection to itself is not an edge.
      const others = targets.filter(({ name }) => name !== from || source.pod.startsWith('probe-'));
      const outcomes = await connect(source, others);
      const seen = Object.fromEntries(
        others.map(({ name, port }, index) => [`${name}:${port}`, outcomes[index]]),
      );
      const wanted = Object.fromEntries(
        others.map((place) => [`${place.name}:${place.port}`, isOpen(from, place) ? 'open' : 'timeout']),
      );
      expect(seen).toEqual(wanted);
    },
  );

  it.each([...serviceNames, ...servers])(
    '%s reaches neither the node, nor the API server, nor another namespace',
    async (from) => {
      expect(await connect(sourceOf(from), await beyond())).toEqual(['timeout', 'timeout', 'timeout']);
    },
  );

  it('a pod that is none of the release reaches all of them, so that it is the policies that refuse', async () => {
    expect(await connect(sourceOf('stranger'), await beyond())).toEqual(['open', 'open', 'ECONNREFUSED']);
  });
});

function sourceOf(name: string): Source {
  const source = sources.find((candidate) => candidate.name === name);
  if (source === undefined) throw new Error(`no pod stands for ${name}`);
  return source;
}

/** Lists the kubelet, the API server, and a pod without a listener at its port. */
async function beyond(): Promise<readonly Place[]> {
  const api = ['get', 'service', 'kubernetes', '--namespace=default', '--output=jsonpath={.spec.clusterIP}'];
  const neighbour = [
    'get',
    'pod',
    'probe-neighbour',
    `--namespace=${outside}`,
    '--output=jsonpath={.status.podIP}',
  ];
  return [
    { name: 'kubelet', address: await nodeAddress(), port: 10_250 },
    { name: 'API server', address: await kubectl(api), port: 443 },
    { name: 'neighbour', address: await kubectl(neighbour), port: 5000 },
  ];
}
