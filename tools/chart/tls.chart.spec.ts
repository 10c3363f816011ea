import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { podOf, podsOf, variablesOf } from './pods.ts';
import { mountsOf, readBy, secrets } from './read-by.ts';
import { chart, find, type KubernetesObject, merge, named, render, type Values } from './render-chart.ts';
import { renderScenario } from './scenarios.ts';

const gatewayName = 'longshore-api-gateway.registry.svc';
const replicasName = 'longshore-blob-service-replicas.registry.svc';
const both: Values = {
  apiGateway: { tls: { existingSecret: 'gateway' } },
  blobService: { tls: { existingSecret: 'blobs' } },
};
const route: Values = { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } };
const ingress = (controller: string): Values => ({
  ingress: { enabled: true, host: 'registry.example', controller },
});

const withTls = (more: Values = {}): Promise<readonly KubernetesObject[]> => render(merge(both, more));
const testPod = (objects: readonly KubernetesObject[]): KubernetesObject =>
  find(objects, 'Pod', 'longshore-test');

describe('a service whose TLS has a Secret', () => {
  it('serves with its certificate and key, and mounts nothing else of it', async () => {
    const objects = await withTls();
    for (const [service, secretName] of [
      ['api-gateway', 'gateway'],
      ['blob-service', 'blobs'],
    ] as const) {
      const folder = `${secrets}/${service}-tls`;
      const { certificate, key } = readBy(service, objects).http.tls ?? {};
      expect([certificate, key]).toEqual([
        expect.stringMatching(new RegExp(`/${service}-tls/tls.crt$`)),
        expect.stringMatching(new RegExp(`/${service}-tls/tls.key$`)),
      ]);
      const pod = podOf(service, objects);
      expect(mountsOf(pod)).toContain(folder);
      const volume = pod.spec.volumes.find(({ name }: { name: string }) => name === `${service}-tls`);
      expect(volume.secret).toMatchObject({
        secretName,
        items: [
          { key: 'tls.crt', path: 'tls.crt' },
          { key: 'tls.key', path: 'tls.key' },
        ],
      });
    }
  });

  it('accepts other keys', async () => {
    const tls = { existingSecret: 'own', certificateKey: 'a.pem', keyKey: 'b.pem' };
    const { http } = readBy('api-gateway', await render({ apiGateway: { tls } }));
    expect([http.tls?.certificate, http.tls?.key]).toEqual([
      expect.stringMatching(/a\.pem$/),
      expect.stringMatching(/b\.pem$/),
    ]);
  });

  it('requests certificates of clients by a Secret of authorities', async () => {
    const clients = { existingSecret: 'authorities', crlKey: 'ca.crl', auth: 'require-any-client-cert' };
    const objects = await withTls({ apiGateway: { tls: { clients } } });
    expect(readBy('api-gateway', objects).http.tls).toMatchObject({
      clientcas: [expect.stringMatching(/\/api-gateway-clients\/ca\.crt$/)],
      clientcrls: [expect.stringMatching(/\/api-gateway-clients\/ca\.crl$/)],
      clientauth: 'require-any-client-cert',
    });
    expect(mountsOf(podOf('api-gateway', objects))).toContain(`${secrets}/api-gateway-clients`);
    expect(readBy('blob-service', objects).http.tls).toMatchObject({ clientcas: [], clientcrls: [] });
  });

  it('has a Service that says so, by name and by appProtocol', async () => {
    const objects = await withTls();
    for (const name of ['api-gateway', 'blob-service', 'blob-service-replicas'])
      expect(find(objects, 'Service', `longshore-${name}`)['spec'].ports).toMatchObject([
        { name: 'https', port: 5000, targetPort: 'http', appProtocol: 'https' },
      ]);
  });

  it('is probed and measured at its debug port as before', async () => {
    const objects = await withTls({ metrics: { service: { enabled: true } } });
    const [container] = podOf('blob-service', objects).spec.containers;
    expect(container.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'debug' });
    expect(find(objects, 'Service', 'longshore-metrics')['spec'].ports[0]).not.toHaveProperty('appProtocol');
  });
});

describe('the gateway', () => {
  it('reaches blob-service by the name of its certificate, and verifies it by the authority in its Secret', async () => {
    const objects = await withTls();
    const { blobservice } = readBy('api-gateway', objects).services;
    expect(blobservice.urls).toEqual([`https://${replicasName}:5000`]);
    expect(blobservice.tls?.ca).toMatch(/\/blob-service-ca\/ca\.crt$/);
    const volumes: { name: string; secret: object }[] = podOf('api-gateway', objects).spec.volumes;
    expect(volumes.find(({ name }) => name === 'blob-service-ca')?.secret).toMatchObject({
      secretName: 'blobs',
      items: [{ key: 'ca.crt', path: 'ca.crt' }],
    });
  });

  it('shows it a certificate of its own, where blob-service asks for one, and nobody else mounts that', async () => {
    const clients = { existingSecret: 'authorities', auth: 'require-and-verify-client-cert' };
    const objects = await withTls({
      blobService: { tls: { clients } },
      gatewayCertificate: { existingSecret: 'client' },
    });
    const { tls } = readBy('api-gateway', objects).services.blobservice;
    expect(tls).toMatchObject({
      certificate: expect.stringMatching(/\/gateway-certificate\/tls\.crt$/),
      key: expect.stringMatching(/\/gateway-certificate\/tls\.key$/),
    });
    expect(readBy('blob-service', objects).http.tls).toMatchObject({
      clientcas: [expect.stringMatching(/\/blob-service-clients\/ca\.crt$/)],
      clientauth: 'require-and-verify-client-cert',
    });
    const mounting = podsOf(objects).filter((pod) =>
      mountsOf(pod).includes(`${secrets}/gateway-certificate`),
    );
    expect(mounting.map(({ owner }) => owner)).toEqual(['Deployment longshore-api-gateway']);
  });

  it('verifies it by the usual authorities where its Secret has none', async () => {
    const objects = await withTls({ blobService: { tls: { caKey: '' } } });
    const { urls, tls } = readBy('api-gateway', objects).services.blobservice;
    expect([urls, tls]).toEqual([[`https://${replicasName}:5000`], undefined]);
  });

  it('speaks plain HTTP to it where only its own port has TLS', async () => {
    const objects = await render({ apiGateway: { tls: { existingSecret: 'gateway' } } });
    const { urls } = readBy('api-gateway', objects).services.blobservice;
    expect(urls).toEqual(['http://longshore-blob-service-replicas:5000']);
    expect(readBy('blob-service', objects).http.tls).toBeUndefined();
  });
});

describe('helm test', () => {
  it('reaches the gateway by the name of its certificate, and verifies it', async () => {
    const objects = await withTls({ tests: { existingSecret: 'account' } });
    const { containers, volumes } = testPod(objects)['spec'];
    expect(variablesOf(containers[0])).toMatchObject({
      REGISTRY: `https://${gatewayName}:5000`,
      NODE_EXTRA_CA_CERTS: `${secrets}/gateway/ca.crt`,
    });
    expect(volumes.map(({ name }: { name: string }) => name)).toEqual(['account', 'gateway']);
  });

  it('has no such file where the authority is a usual one', async () => {
    const objects = await withTls({ apiGateway: { tls: { caKey: '' } } });
    const [container] = testPod(objects)['spec'].containers;
    expect(variablesOf(container)).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
    expect(testPod(objects)['spec']).not.toHaveProperty('volumes');
  });
});

/** Returns the requirements of each policy on the pods, by the Service that it applies to. */
async function policies(more: Values = {}): Promise<Readonly<Record<string, object>>> {
  const made = (await withTls(merge(route, more))).filter(({ kind }) => kind === 'BackendTLSPolicy');
  return Object.fromEntries(made.map(({ spec }) => [spec.targetRefs[0].name, spec.validation]));
}

const bySecret = (name: string): object[] => [{ group: '', kind: 'Secret', name }];

describe('an HTTPRoute to pods with TLS', () => {
  it('comes with a policy for each Service that it leads to, which verifies the pods', async () => {
    expect(await policies()).toEqual({
      'longshore-api-gateway': { hostname: gatewayName, caCertificateRefs: bySecret('gateway') },
      'longshore-blob-service': { hostname: replicasName, caCertificateRefs: bySecret('blobs') },
    });
    expect(Object.keys(await policies({ httpRoute: { blobsDirect: false } }))).toHaveLength(1);
  });

  it('names the authorities that it is told, or the usual ones', async () => {
    const caCertificateRefs = [{ group: '', kind: 'ConfigMap', name: 'authorities' }];
    const told = await policies({ httpRoute: { caCertificateRefs } });
    for (const validation of Object.values(told)) expect(validation).toMatchObject({ caCertificateRefs });
    expect(await policies({ apiGateway: { tls: { caKey: '' } } })).toMatchObject({
      'longshore-api-gateway': { hostname: gatewayName, wellKnownCACertificates: 'System' },
    });
  });

  it('comes with none where the pods speak plain HTTP', async () => {
    expect(named(await render(route), 'BackendTLSPolicy')).toEqual([]);
  });
});

async function ingressOf(controller: string, more: Values = {}): Promise<KubernetesObject> {
  return find(await withTls(merge(ingress(controller), more)), 'Ingress', 'longshore');
}

describe('an Ingress to pods with TLS', () => {
  it('routes to the port by its name', async () => {
    const [rule] = (await ingressOf('other'))['spec'].rules;
    expect(rule.http.paths[0].backend.service.port).toEqual({ name: 'https' });
  });

  it.each([
    ['nginx', 'nginx.ingress.kubernetes.io/backend-protocol', 'HTTPS'],
    ['nginx', 'nginx.ingress.kubernetes.io/proxy-ssl-secret', 'registry/gateway'],
    ['nginx', 'nginx.ingress.kubernetes.io/proxy-ssl-name', gatewayName],
    ['haproxy', 'haproxy.org/server-ssl', 'true'],
    ['f5', 'nginx.org/ssl-services', 'longshore-api-gateway'],
  ])('tells %s: %s', async (controller, annotation, value) => {
    const { metadata } = await ingressOf(controller);
    expect(metadata.annotations?.[annotation]).toBe(value);
    const plain = find(await render(ingress(controller)), 'Ingress', 'longshore');
    expect(plain.metadata.annotations).not.toHaveProperty(annotation);
    const annotations = { [annotation]: 'mine' };
    expect((await ingressOf(controller, { ingress: { annotations } })).metadata.annotations).toMatchObject(
      annotations,
    );
  });

  it('does not have nginx verify the pods by a Secret without an authority', async () => {
    const { metadata } = await ingressOf('nginx', { apiGateway: { tls: { caKey: '' } } });
    expect(Object.keys(metadata.annotations ?? {}).filter((name) => name.includes('proxy-ssl'))).toEqual([]);
  });
});

it('is verified by the names that the runbook has cert-manager put into the certificates', async () => {
  const page = readFileSync(join(chart, '../../docs/runbooks/tls-to-the-pods.md'), 'utf8');
  const certificates = [...page.matchAll(/^ {2}secretName: (.*)\n.*\n {2}dnsNames: \[(.*)\]$/gm)];
  const objects = await renderScenario('tls');
  const verified = objects.flatMap(({ kind, spec }) =>
    kind === 'BackendTLSPolicy'
      ? [[spec.validation.caCertificateRefs[0].name, spec.validation.hostname]]
      : [],
  );
  expect(certificates.map(([, secret, name]) => [secret, name])).toEqual(verified);
  const [url] = readBy('api-gateway', objects).services.blobservice.urls;
  expect(new URL(url ?? '').hostname).toBe(replicasName);
});
