import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Configuration, loadConfiguration } from '@longshore/configuration';
import { busServices, contracts, NatsBus, natsConnector } from '@longshore/messaging';
import { startNatsServer, type TestNatsServer } from '@longshore/messaging/testing';
import { OciError } from '@longshore/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceNames } from '../service-names.ts';
import { podOf, type PodTemplate, variablesOf } from './pods.ts';
import { find, type KubernetesObject, render } from './render-chart.ts';

const bundled = { nats: { servers: [], existingSecret: 'bus', bundled: { enabled: true } } };
const mounted = '/run/secrets/longshore/nats';
/** A Secret as an operator may write it: a password of digits, and one that looks like a number with a unit. */
const passwords: Readonly<Record<string, string>> = {
  'api-gateway': '12345678901234567890',
  'blob-service': '64MB',
  'manifest-service': '1e100',
  'auth-service': 'with blanks and $NAMES {',
  notifier: 'plain',
};

const all = [...contracts.values()];
const reasonOf = (error: unknown): unknown => (error instanceof OciError ? error.entries[0]?.detail : error);

const folder = mkdtempSync(join(tmpdir(), 'longshore-bus-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the environment of the server's container, as the kubelet would set it. */
function serverEnvironment(objects: readonly KubernetesObject[]): Record<string, string> {
  const environment: Record<string, string> = {};
  const entries: {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef: { name: string; key: string } };
  }[] = podOf('nats', objects).spec.containers[0].env;
  for (const { name, value, valueFrom } of entries) {
    expect(valueFrom?.secretKeyRef.name ?? 'bus').toBe('bus');
    environment[name] =
      passwords[valueFrom?.secretKeyRef.key ?? ''] ??
      (value ?? '').replace(/\$\((\w+)\)/g, (_, variable: string) => environment[variable] ?? '');
  }
  return environment;
}

/** Returns the keys of the bus's Secret that a service's pod mounts as files. */
function keysIn(pod: PodTemplate): string[] {
  const volumes: { secret?: { secretName: string; items?: { key: string; path: string }[] } }[] =
    pod.spec.volumes;
  return volumes
    .filter(({ secret }) => secret?.secretName === 'bus')
    .flatMap(({ secret }) => secret?.items?.map(({ key }) => key) ?? Object.keys(passwords));
}

/** Returns the `nats` section that a service reads from its ConfigMap, variables and files. */
function sectionOf(service: string, objects: readonly KubernetesObject[]): Configuration['nats'] {
  const pod = podOf(service, objects);
  const place = mkdtempSync(join(folder, `${service}-`));
  writeFileSync(
    join(place, 'config.yml'),
    find(objects, 'ConfigMap', 'longshore-configuration')['data']['config.yml'],
  );
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(variablesOf(pod.spec.containers[0]))) {
    environment[name] = value.replace('/run/secrets/longshore', place).replace('/etc/longshore', place);
    if (!name.endsWith('_FILE')) continue;
    mkdirSync(dirname(environment[name]), { recursive: true });
    const isThere = dirname(value) === mounted && keysIn(pod).includes(basename(value));
    writeFileSync(
      environment[name],
      isThere ? (passwords[basename(value)] ?? 'unknown') : 'of-another-secret',
    );
  }
  return loadConfiguration({ environment }).nats;
}

describe('the NATS that the chart brings', () => {
  let objects: readonly KubernetesObject[];
  let server: TestNatsServer;
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

  beforeAll(async () => {
    objects = await render(bundled);
    server = await startNatsServer({
      configuration: find(objects, 'ConfigMap', 'longshore-nats')['data']['nats.conf'],
      environment: serverEnvironment(objects),
    });
  });
  afterAll(() => server.dispose());

  const busOf = (service: string, section: Partial<Configuration['nats']>): NatsBus =>
    new NatsBus(
      natsConnector(
        { ...section, servers: [server.url] },
        { name: service, largestMessageBytes: 4 * 1024 * 1024, startDeadlineMs: 300, log: silent },
      ),
      { secret: 'shared' },
    );

  it.each(busServices)(
    'admits %s with the credentials of its pod, for the subjects that it serves and asks',
    async (service) => {
      const bus = busOf(service, sectionOf(service, objects) ?? {});
      for (const contract of all.filter(({ servedBy }) => servedBy === service))
        bus.serve(contract, async () => service);
      await bus.start();
      await expect(bus.ready()).resolves.toBeUndefined();
      // No service serves it here. The asker learns that at once only if it may publish the question.
      const asked = all.filter(({ askedBy }) => askedBy.includes(service));
      const answers = asked.map((contract) =>
        bus.request(contract, '', { deadlineMs: 5_000 }).catch(reasonOf),
      );
      expect(await Promise.all(answers)).toEqual(asked.map(() => ({ reason: 'nobody serves this' })));
      await expect(bus.ready()).resolves.toBeUndefined();
      await bus.close();
    },
  );

  it('refuses a pod without credentials, and one with those of another service', async () => {
    await expect(busOf('api-gateway', {}).start()).rejects.toThrow('NATS refuses our credentials');
    const { password } = sectionOf('api-gateway', objects) ?? {};
    await expect(busOf('auth-service', { password }).start()).rejects.toThrow('NATS refuses our credentials');
    const stolen = busOf('auth-service', { user: 'api-gateway', password });
    for (const contract of all.filter(({ servedBy }) => servedBy === 'auth-service'))
      stolen.serve(contract, async () => 'stolen');
    await expect(stolen.start()).rejects.toThrow(
      /NATS refuses the user of auth-service: .*longshore\.auth\.token/,
    );
  });

  it('gives each pod its own password and no other', () => {
    const found = serviceNames.map((service) => [service, keysIn(podOf(service, objects))]);
    expect(Object.fromEntries(found)).toEqual({
      ...Object.fromEntries(busServices.map((service) => [service, [service]])),
      'garbage-collector': [],
    });
  });

  it('carries a whole manifest', () => {
    const configuration: string = find(objects, 'ConfigMap', 'longshore-nats')['data']['nats.conf'];
    expect(configuration).toContain('max_payload: 8MB');
  });
});

describe('a NATS of somebody else', () => {
  it('gets the password of each service, or one user, or a credentials file', async () => {
    const nats = { existingSecret: 'bus' };
    expect(sectionOf('notifier', await render({ nats }))).toMatchObject({ password: 'plain' });
    const one = await render({ nats: { ...nats, userKey: 'user', passwordKey: 'notifier' } });
    const variables = variablesOf(podOf('api-gateway', one).spec.containers[0]);
    expect(variables).toMatchObject({
      REGISTRY_NATS_USER_FILE: `${mounted}/user`,
      REGISTRY_NATS_PASSWORD_FILE: `${mounted}/notifier`,
    });
    const creds = sectionOf('notifier', await render({ nats: { ...nats, credsKey: 'creds' } }));
    expect(creds).toMatchObject({ creds: expect.stringContaining('nats/creds') });
    expect(creds).not.toHaveProperty('password');
  });
});
