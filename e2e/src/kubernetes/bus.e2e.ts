import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BusCall,
  busScript,
  refusedSubject,
  refusedUser,
  taken,
  trespasses,
} from '../support/bus-client.ts';
import { serviceNames } from '../support/service-names.ts';
import { apply, evaluateIn, kubectl, pods } from './support/kubectl.ts';
import { probePod } from './support/probe-pods.ts';
import { tryRelease } from './support/releases.ts';

const release = await tryRelease();
const { namespace } = release;
const secrets = '/run/secrets/longshore/nats';
const onBus = serviceNames.filter((service) => service !== 'garbage-collector');
/** A pod with a service's labels, so that the network admits it to the bus, but without its Secret. */
const impostor = 'probe-impostor';
const running = new Map<string, string>();

beforeAll(async () => {
  for (const service of serviceNames) {
    const [pod] = await pods(namespace, service);
    if (pod === undefined) throw new Error(`there is no pod of ${service}`);
    running.set(service, pod.metadata.name);
  }
  const labels = {
    'app.kubernetes.io/name': 'longshore',
    'app.kubernetes.io/instance': release.name,
    'app.kubernetes.io/component': 'auth-service',
  };
  await apply(namespace, probePod(impostor, labels));
  const ready = ['wait', '--for=jsonpath={.status.phase}=Running', `pod/${impostor}`, '--timeout=60s'];
  await kubectl([...ready, `--namespace=${namespace}`]);
}, 120_000);

afterAll(() =>
  kubectl(['delete', 'pod', impostor, `--namespace=${namespace}`, '--ignore-not-found', '--wait=false']),
);

/** Returns the answer of the release's bus to a pod. */
const sayFrom = (pod: string, call: Pick<BusCall, 'credentials' | 'lines'>): Promise<string> =>
  evaluateIn(namespace, pod, busScript({ host: `${release.name}-nats`, port: 4222, ...call }));

const sayAs = (service: string, user: string, lines: readonly string[] = []): Promise<string> =>
  sayFrom(running.get(service) ?? '', {
    credentials: { user, passwordFile: `${secrets}/${service}` },
    lines,
  });

describe('the bus of the release', () => {
  it.each(onBus)('lets a pod of %s in, with the only password that it has', async (service) => {
    const list = `console.log(require('node:fs').readdirSync('${secrets}').filter((name) => !name.startsWith('.')).join())`;
    expect(await evaluateIn(namespace, running.get(service) ?? '', list)).toBe(service);
    expect(await sayAs(service, service)).toBe(taken);
  });

  it('refuses a pod without credentials, which the network lets through', async () => {
    expect(await sayFrom(impostor, {})).toMatch(refusedUser);
    const credentials = { user: 'auth-service', pass: 'guess' };
    expect(await sayFrom(impostor, { credentials })).toMatch(refusedUser);
  });

  it('refuses the password of one service for the user of another', async () => {
    expect(await sayAs('api-gateway', 'auth-service')).toMatch(refusedUser);
  });

  it.each(trespasses)('refuses it when %s %s', async (service, _does, line) => {
    expect(await sayAs(service, service, [line])).toMatch(refusedSubject);
  });

  it('gives the collector, which does not speak on it, no password', async () => {
    const found = `console.log(require('node:fs').existsSync('${secrets}'))`;
    expect(await evaluateIn(namespace, running.get('garbage-collector') ?? '', found)).toBe('false');
  });
});
