import { describe, expect, it } from 'vitest';
import { contracts } from '@longshore/messaging';
import { databaseUrl } from '@longshore/metadata';
import { serviceNames as services } from '../service-names.ts';
import { podOf, podsOf } from './pods.ts';
import { mountsOf, readBy, secrets, type Service } from './read-by.ts';
import { find, render, type Values } from './render-chart.ts';
import { renderScenario, scenarios } from './scenarios.ts';

describe.each(scenarios)('with the values of %s', (scenario) => {
  const rendered = renderScenario(scenario);

  it.each(services)('%s understands its configuration', async (service) => {
    const configuration = readBy(service, await rendered);
    expect(configuration.http.debug).toMatchObject({ addr: ':5001', prometheus: { enabled: true } });
    expect(configuration.log).toMatchObject({ level: 'info', formatter: 'json' });
  });

  it('each pod mounts the volumes that it has, and has those that it mounts', async () => {
    for (const { spec, owner } of podsOf(await rendered)) {
      const mounted = [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ volumeMounts = [] }) =>
        volumeMounts.map(({ name }: { name: string }) => name),
      );
      const there: string[] = (spec.volumes ?? []).map(({ name }: { name: string }) => name);
      expect(new Set(mounted), owner).toEqual(new Set(there));
    }
  });
});

async function trusted(values: Values): Promise<readonly string[]> {
  return readBy('api-gateway', await render(values)).http.trustedproxies;
}

describe('a service is told', () => {
  it('where database, bus and blob-service are', async () => {
    const objects = await render({ postgres: { port: 6432, user: 'role', database: 'registry', pool: 7 } });
    const { postgres, nats } = readBy('manifest-service', objects);
    expect(databaseUrl(postgres)).toBe('postgres://role:of-the-secret@postgres.example:6432/registry');
    expect(postgres?.pool).toBe(7);
    expect(nats?.servers).toEqual(['nats://nats.example:4222']);
    const { urls } = readBy('api-gateway', objects).services.blobservice;
    expect(urls).toEqual(['http://longshore-blob-service-replicas:5000']);
    const replicas = find(objects, 'Service', 'longshore-blob-service-replicas');
    expect(replicas['spec']).toMatchObject({ clusterIP: 'None', ports: [{ port: 5000 }] });
  });

  it('the credentials of its store, and nobody else is', async () => {
    const objects = await render();
    const has = (service: Service): boolean => readBy(service, objects).storage.s3?.accesskey !== undefined;
    expect(services.filter(has)).toEqual(['blob-service', 'garbage-collector']);
  });

  it('the password of the database when it has one, and nobody else is', async () => {
    const objects = await render();
    const has = (service: Service): boolean => readBy(service, objects).postgres?.password !== undefined;
    expect(services.filter((service) => !has(service))).toEqual(['api-gateway']);
  });

  it('what they share, in the services that carry passwords and tokens, and nobody else is', async () => {
    const objects = await render();
    const has = (service: Service): boolean => readBy(service, objects).services.secret !== undefined;
    const carried = [...contracts.values()].filter(({ confidential }) => confidential === true);
    const carry = [...carried.map(({ servedBy }) => servedBy), ...carried.flatMap(({ askedBy }) => askedBy)];
    expect(new Set(services.filter(has))).toEqual(new Set(carry));
  });

  it('accounts and tokens, the seal only where keys are sealed', async () => {
    const objects = await render({
      auth: { htpasswd: { existingSecret: 'accounts' }, seal: { existingSecret: 'seal' } },
      configuration: { auth: { htpasswd: { realm: 'Ours' }, token: { expiration: '10m' } } },
    });
    const gateway = readBy('api-gateway', objects);
    expect(gateway.auth).toMatchObject({
      htpasswd: { realm: 'Ours', path: `${secrets}/accounts/htpasswd` },
      token: { expiration: 600_000 },
    });
    const sealed = services.filter((service) => readBy(service, objects).http.secret !== undefined);
    expect(sealed).toEqual(['auth-service']);
    const mounted = services.filter((service) =>
      mountsOf(podOf(service, objects)).includes(`${secrets}/accounts`),
    );
    expect(mounted).toEqual(['auth-service']);
  });

  it('the keys of an external token server', async () => {
    const externalTokens = { existingSecret: 'tokens', jwksKey: 'jwks.json' };
    const configuration = { auth: { token: { realm: 'https://auth.example/token' } } };
    const objects = await render({ auth: { externalTokens }, configuration });
    const path = `${secrets}/tokens`;
    expect(readBy('blob-service', objects).auth?.token?.jwks).toBe(`${path}/jwks.json`);
    expect(services.filter((service) => mountsOf(podOf(service, objects)).includes(path))).toEqual([
      'api-gateway',
      'blob-service',
    ]);
  });

  it.each<[string, Values, string | undefined]>([
    ['externalUrl', { externalUrl: 'https://registry.example/' }, 'https://registry.example'],
    [
      'an Ingress with TLS',
      { ingress: { enabled: true, host: 'a.example', tls: { enabled: true } } },
      'https://a.example',
    ],
    ['an Ingress without', { ingress: { enabled: true, host: 'a.example' } }, 'http://a.example'],
    ['nothing', {}, undefined],
  ])('the address that clients use, by %s', async (_by, values, host) => {
    const { http } = readBy('api-gateway', await render(values));
    expect(http.host).toBe(host);
    expect(http.relativeurls).toBe(true);
  });

  it('whose forwarded headers are believed: the pods of an Ingress or a Gateway, unless the operator says', async () => {
    expect(await trusted({})).toEqual([]);
    const route = { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } };
    for (const way of [{ ingress: { enabled: true } }, route]) {
      expect(await trusted(way)).toContain('10.0.0.0/8');
      for (const trustedproxies of [[], ['192.0.2.7']])
        expect(await trusted({ ...way, configuration: { http: { trustedproxies } } })).toEqual(
          trustedproxies,
        );
    }
  });

  it('how long its requests may take to end, within what its pod is given', async () => {
    const objects = await render({
      blobService: { terminationGracePeriodSeconds: 3600, preStopSeconds: 20 },
    });
    expect(readBy('blob-service', objects).http.draintimeout).toBe(3_575_000);
    for (const service of services) {
      const { spec } = podOf(service, objects);
      const sleep = spec.containers[0].lifecycle.preStop.sleep.seconds;
      const { draintimeout } = readBy(service, objects).http;
      expect(sleep * 1000 + draintimeout).toBeLessThan(spec.terminationGracePeriodSeconds * 1000);
    }
  });

  it('the values of secret keys', async () => {
    const objects = await renderScenario('s3');
    const [endpoint] = readBy('notifier', objects).notifications.endpoints;
    expect(endpoint?.headers).toEqual({ Authorization: ['Bearer secret'] });
  });

  it('the addresses of webhooks, whose paths may be secret, from a Secret and from no ConfigMap', async () => {
    const url = 'https://ci.example/events';
    const objects = await renderScenario('s3');
    const [endpoint] = readBy('notifier', objects).notifications.endpoints;
    expect(endpoint).toMatchObject({ name: 'ci', url, ignore: { actions: ['pull'] } });
    const holders = objects.filter((object) => JSON.stringify(object).includes(url));
    expect(holders.map(({ kind, stringData }) => [kind, stringData])).toEqual([['Secret', { 0: url }]]);
  });

  it('nothing secret by the ConfigMap', async () => {
    for (const scenario of scenarios) {
      const objects = await renderScenario(scenario);
      const maps = objects.filter(({ kind }) => kind === 'ConfigMap').map(({ data }) => JSON.stringify(data));
      expect(maps.join('\n')).not.toMatch(/accesskey|secretkey|accountkey|secret"|of-the-secret/i);
    }
  });
});
