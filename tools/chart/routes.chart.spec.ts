import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchRoute, routeIds, routes } from '@longshore/oci';
import { find, named, render } from './render-chart.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const uploadId = '0190b5b2-7c1d-7000-8000-0123456789ab';
const parentRefs = [{ name: 'public', namespace: 'gateways' }];
const routed = { httpRoute: { enabled: true, parentRefs, hostnames: ['registry.example'] } };

/** Names that contain the words of the API, since paths are parsed from the right. */
const names = fc
  .array(fc.constantFrom('a', 'blobs', 'uploads', 'manifests', 'tags', 'list', 'v2', 'referrers', 'x-1'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((components) => components.join('/'));

describe('an HTTPRoute', () => {
  it('leads to blob-service what blob-service serves, and all else to the gateway', async () => {
    const { spec } = find(await render(routed), 'HTTPRoute', 'longshore');
    const [blobs, others] = spec.rules;
    expect(blobs.backendRefs).toEqual([{ name: 'longshore-blob-service', port: 5000 }]);
    expect(others).toMatchObject({
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      backendRefs: [{ name: 'longshore-api-gateway', port: 5000 }],
    });
    expect(blobs.matches).toHaveLength(1);
    expect(blobs.matches[0].path.type).toBe('RegularExpression');
    const pattern = new RegExp(blobs.matches[0].path.value);
    const requests = fc.record({
      id: fc.constantFrom(...routeIds),
      name: names,
      reference: fc.constantFrom('1', 'list', 'uploads', digest),
    });
    fc.assert(
      fc.property(requests, ({ id, name, reference }) => {
        const path = routes[id].template
          .replace('<name>', name)
          .replace('<reference>', reference)
          .replace('<digest>', digest)
          .replace('<id>', uploadId);
        const [method = ''] = routes[id].methods;
        expect(pattern.test(path), path).toBe(matchRoute(method, path).route.owner === 'blob-service');
      }),
      { numRuns: 2000 },
    );
    expect('/v2/a/blobs/uploads').toMatch(pattern);
    for (const path of ['/v2/', '/token', '/auth/token', '/v2/_catalog', '/'])
      expect(path).not.toMatch(pattern);
  });

  it('has no timeouts, so that a large layer passes', async () => {
    const { spec } = find(await render(routed), 'HTTPRoute', 'longshore');
    expect(spec).toMatchObject({ parentRefs, hostnames: ['registry.example'] });
    for (const { timeouts } of spec.rules) expect(timeouts).toEqual({ request: '0s', backendRequest: '0s' });
  });

  it('routes everything to the gateway on request, and sets no timeouts', async () => {
    const objects = await render({
      httpRoute: {
        ...routed.httpRoute,
        blobsDirect: false,
        timeouts: { request: null, backendRequest: null },
      },
    });
    const { spec } = find(objects, 'HTTPRoute', 'longshore');
    expect(spec.rules).toHaveLength(1);
    expect(spec.rules[0]).not.toHaveProperty('timeouts');
    expect(spec.rules[0].backendRefs[0].name).toBe('longshore-api-gateway');
  });

  it('routes to the ports of the Services', async () => {
    const objects = await render({
      ...routed,
      apiGateway: { service: { port: 80 } },
      blobService: { service: { port: 81 } },
    });
    const { spec } = find(objects, 'HTTPRoute', 'longshore');
    expect(
      spec.rules.map(({ backendRefs }: { backendRefs: { port: number }[] }) => backendRefs[0]?.port),
    ).toEqual([81, 80]);
  });
});

describe('an Ingress', () => {
  const ingress = { enabled: true, host: 'registry.example', className: 'public' };

  it('routes the host to the gateway, with TLS on request', async () => {
    const { spec } = find(
      await render({ ingress: { ...ingress, tls: { enabled: true } } }),
      'Ingress',
      'longshore',
    );
    expect(spec).toEqual({
      ingressClassName: 'public',
      tls: [{ secretName: 'longshore-tls', hosts: ['registry.example'] }],
      rules: [
        {
          host: 'registry.example',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'longshore-api-gateway', port: { name: 'http' } } },
              },
            ],
          },
        },
      ],
    });
  });

  it('routes further hosts to the gateway as well, all with TLS', async () => {
    const values = { ...ingress, extraHosts: ['mirror.example', 'registry.example'], tls: { enabled: true } };
    const { spec } = find(await render({ ingress: values }), 'Ingress', 'longshore');
    expect(spec.tls[0].hosts).toEqual(['registry.example', 'mirror.example']);
    expect(spec.rules.map((rule: { host: string }) => rule.host)).toEqual(spec.tls[0].hosts);
    expect(spec.rules[1].http).toEqual(spec.rules[0].http);
  });

  it('uses the given Secret', async () => {
    const tls = { enabled: true, existingSecret: 'wildcard' };
    const { spec } = find(await render({ ingress: { ...ingress, tls } }), 'Ingress', 'longshore');
    expect(spec.tls[0].secretName).toBe('wildcard');
  });

  it.each([
    ['nginx', 'nginx.ingress.kubernetes.io/proxy-body-size', '0'],
    ['f5', 'nginx.org/client-max-body-size', '0'],
    ['haproxy', 'haproxy.org/timeout-server', '1h'],
  ])('lifts the limits of %s, and the operator has the last word', async (controller, annotation, value) => {
    const plain = find(await render({ ingress: { ...ingress, controller } }), 'Ingress', 'longshore');
    expect(plain.metadata.annotations).toMatchObject({ [annotation]: value });
    const annotations = { [annotation]: '20g', mine: 'yes' };
    const own = find(
      await render({ ingress: { ...ingress, controller, annotations } }),
      'Ingress',
      'longshore',
    );
    expect(own.metadata.annotations).toMatchObject(annotations);
  });

  it('has no annotations for another controller', async () => {
    expect(find(await render({ ingress }), 'Ingress', 'longshore').metadata.annotations).toBeUndefined();
  });
});

it('has neither by default', async () => {
  const objects = await render();
  expect([...named(objects, 'Ingress'), ...named(objects, 'HTTPRoute')]).toEqual([]);
});

it.each([
  ['Ingress', 'longshore', { ingress: { enabled: true, labels: { team: 'platform' } } }],
  ['HTTPRoute', 'longshore', { httpRoute: { ...routed.httpRoute, labels: { team: 'platform' } } }],
  ['Service', 'longshore-api-gateway', { apiGateway: { service: { labels: { team: 'platform' } } } }],
])('%s has the labels that it is given beside its own', async (kind, name, values) => {
  expect(find(await render(values), kind, name).metadata.labels).toMatchObject({
    team: 'platform',
    'app.kubernetes.io/component': 'api-gateway',
  });
});
