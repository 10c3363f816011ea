import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { podsOf, variablesOf } from './pods.ts';
import { find, type KubernetesObject, named, render, type Values } from './render-chart.ts';

const bundledPostgres = { host: '', existingSecret: 'pg', bundled: { enabled: true } };
const filesystem = { driver: 'filesystem', existingSecret: '', s3: null };
const keep = { 'helm.sh/resource-policy': 'keep' };

const withPostgres = { postgres: bundledPostgres, migrations: { mode: 'job' } };
const onVolume = (own: Values): Values => ({
  ...withPostgres,
  postgres: { ...bundledPostgres, bundled: { enabled: true, persistence: own } },
});

describe('the bundled Postgres', () => {
  it('is what the services use, with a volume that outlives the release', async () => {
    const objects = await render(withPostgres);
    const { template } = find(objects, 'StatefulSet', 'longshore-postgres')['spec'];
    expect(template.spec.volumes).toContainEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'longshore-postgres' },
    });
    expect(variablesOf(template.spec.containers[0])).toMatchObject({
      POSTGRES_PASSWORD_FILE: '/run/secrets/longshore/postgres/password',
    });
    expect(find(objects, 'PersistentVolumeClaim', 'longshore-postgres').metadata.annotations).toEqual(keep);
    const pod = find(objects, 'Deployment', 'longshore-notifier')['spec'].template.spec;
    expect(variablesOf(pod.containers[0])).toMatchObject({
      REGISTRY_POSTGRES_HOST: 'longshore-postgres',
      REGISTRY_POSTGRES_USER: 'longshore',
    });
  });

  it('is deleted with the release on request, with or without a volume', async () => {
    const gone = await render(onVolume({ keep: false, storageClass: 'fast', size: '2Gi' }));
    const claim = find(gone, 'PersistentVolumeClaim', 'longshore-postgres');
    expect(claim.metadata).not.toHaveProperty('annotations');
    expect(claim['spec']).toMatchObject({
      storageClassName: 'fast',
      resources: { requests: { storage: '2Gi' } },
    });
    expect(named(await render(onVolume({ enabled: false })), 'PersistentVolumeClaim')).toEqual([]);
  });
});

describe('the volume of blobs', () => {
  const onOneNode = { storage: filesystem, blobService: { replicas: 1 } };

  it('is mounted by blob-service and the collector, which run beside each other where one node mounts it', async () => {
    const objects = await render(onOneNode);
    const mounting = podsOf(objects).filter(({ spec }) =>
      spec.volumes?.some(({ name }: { name: string }) => name === 'blobs'),
    );
    expect(mounting.map(({ owner }) => owner)).toEqual([
      'Deployment longshore-blob-service',
      'Deployment longshore-garbage-collector',
    ]);
    for (const { spec } of mounting)
      expect(spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution).toMatchObject([
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { 'app.kubernetes.io/component': 'blob-service' } },
        },
      ]);
    expect(find(objects, 'PersistentVolumeClaim', 'longshore-blobs')).toMatchObject({
      metadata: { annotations: keep },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Gi' } } },
    });
  });

  it('ties no pod to a node if all nodes can mount it', async () => {
    const persistence = {
      accessModes: ['ReadWriteMany'],
      storageClass: 'nfs',
      keep: false,
      annotations: { a: 'b' },
    };
    const objects = await render({ storage: { ...filesystem, persistence } });
    expect(
      find(objects, 'Deployment', 'longshore-blob-service')['spec'].template.spec.affinity,
    ).toBeUndefined();
    const claim = find(objects, 'PersistentVolumeClaim', 'longshore-blobs');
    expect(claim).toMatchObject({ metadata: { annotations: { a: 'b' } }, spec: { storageClassName: 'nfs' } });
    expect(claim.metadata.annotations).not.toMatchObject(keep);
  });

  it('binds the volume that is named, or one of those with the labels', async () => {
    const selector = { matchLabels: { registry: 'yes' } };
    const persistence = { volumeName: 'pv-7', selector };
    const objects = await render({ ...onOneNode, storage: { ...filesystem, persistence } });
    const claim = find(objects, 'PersistentVolumeClaim', 'longshore-blobs');
    expect(claim['spec']).toMatchObject({ volumeName: 'pv-7', selector });
  });

  it('may exist already', async () => {
    const storage = { ...filesystem, persistence: { existingClaim: 'theirs' } };
    const objects = await render({ ...onOneNode, storage });
    expect(named(objects, 'PersistentVolumeClaim')).toEqual([]);
    const { volumes } = find(objects, 'Deployment', 'longshore-blob-service')['spec'].template.spec;
    expect(volumes).toContainEqual({ name: 'blobs', persistentVolumeClaim: { claimName: 'theirs' } });
  });

  it('is absent with an object store', async () => {
    expect(named(await render(), 'PersistentVolumeClaim')).toEqual([]);
  });
});

describe('metrics', () => {
  it('are scraped by a monitor on request, at the debug port of all services and of nothing else', async () => {
    const objects = await render({
      metrics: {
        serviceMonitor: {
          enabled: true,
          namespace: 'monitoring',
          labels: { release: 'p' },
          interval: '10s',
          scrapeTimeout: '5s',
        },
      },
      configuration: { http: { debug: { prometheus: { path: '/measures' } } } },
    });
    expect(find(objects, 'ServiceMonitor', 'longshore')).toMatchObject({
      metadata: { namespace: 'monitoring', labels: { release: 'p' } },
      spec: {
        namespaceSelector: { matchNames: ['registry'] },
        endpoints: [{ port: 'metrics', path: '/measures', interval: '10s', scrapeTimeout: '5s' }],
      },
    });
    const { selector, ports } = find(objects, 'Service', 'longshore-metrics')['spec'];
    expect(ports).toEqual([{ name: 'metrics', port: 5001, targetPort: 'debug' }]);
    const selected = podsOf(objects).filter(({ labels }) =>
      Object.entries(selector).every(([label, value]) => labels[label] === value),
    );
    expect(selected).toHaveLength(6);
  });

  it('are scraped pod by pod with a PodMonitor', async () => {
    const objects = await render({ metrics: { podMonitor: { enabled: true, labels: { release: 'p' } } } });
    const { metadata, spec } = find(objects, 'PodMonitor', 'longshore');
    expect(metadata).toMatchObject({ namespace: 'registry', labels: { release: 'p' } });
    expect(spec.podMetricsEndpoints).toMatchObject([{ port: 'debug', path: '/metrics', interval: '30s' }]);
    const selected = podsOf(objects).filter(({ labels }) =>
      Object.entries(spec.selector.matchLabels).every(([label, value]) => labels[label] === value),
    );
    expect(selected).toHaveLength(6);
    expect(named(objects, 'Service')).not.toContain('longshore-metrics');
  });

  it('have a Service alone for a Prometheus without the operator', async () => {
    const annotations = { 'prometheus.io/scrape': 'true' };
    const objects = await render({ metrics: { service: { enabled: true, annotations } } });
    expect(find(objects, 'Service', 'longshore-metrics').metadata).toMatchObject({ annotations });
    expect(named(objects, 'ServiceMonitor')).toEqual([]);
  });

  it.each(['service', 'serviceMonitor', 'podMonitor'])(
    'may be read where %s is asked for',
    async (reader) => {
      const objects = await render({ metrics: { [reader]: { enabled: true } } });
      const { spec } = find(objects, 'NetworkPolicy', 'longshore-notifier');
      expect(JSON.stringify(spec.ingress)).toContain('5001');
    },
  );

  it('have neither monitor nor Service by default', async () => {
    const objects = await render();
    expect(named(objects, 'PodMonitor')).toEqual([]);
    expect(named(objects, 'ServiceMonitor')).toEqual([]);
    expect(named(objects, 'Service')).not.toContain('longshore-metrics');
  });
});

const podOf = async (values: Values): Promise<KubernetesObject> =>
  find(await render(values), 'Pod', 'longshore-test');

describe('helm test', () => {
  it('is a pod of an image of ours that reaches the gateway', async () => {
    const { metadata, spec } = await podOf({ apiGateway: { service: { port: 80 } } });
    expect(metadata.annotations).toMatchObject({ 'helm.sh/hook': 'test' });
    const [container] = spec.containers;
    expect(container.image).toBe('longshore/cli:0.1.0');
    expect(variablesOf(container)).toMatchObject({ REGISTRY: 'http://longshore-api-gateway:80' });
    expect(variablesOf(container)).not.toHaveProperty('TOKEN_URL');
    expect(spec).not.toHaveProperty('volumes');
  });

  it('signs in with the account that it is told, at the gateway', async () => {
    const { spec } = await podOf({
      auth: { htpasswd: { existingSecret: 'accounts' }, seal: { existingSecret: 'seal' } },
      configuration: { auth: { token: {} } },
      tests: { existingSecret: 'robot' },
    });
    expect(variablesOf(spec.containers[0])).toMatchObject({
      TOKEN_URL: 'http://longshore-api-gateway:5000/auth/token',
    });
    expect(spec.volumes).toMatchObject([{ secret: { secretName: 'robot' } }]);
  });
});

describe('certificates of authorities', () => {
  const items = [{ key: 'all.pem', path: 'all.pem' }];

  it.each([
    [{ existingConfigMap: 'authorities' }, { configMap: { name: 'authorities', items } }],
    [{ existingSecret: 'authorities' }, { secret: { secretName: 'authorities', items } }],
  ])('from %o are trusted by every service, by commands and by migrations', async (certificates, volume) => {
    const objects = await render({ certificates: { ...certificates, key: 'all.pem' } });
    const pods = podsOf(objects).filter(({ owner }) => owner !== 'Pod longshore-test');
    expect(pods).toHaveLength(8);
    for (const { spec, owner } of pods) {
      expect(variablesOf(spec.containers[0]), owner).toMatchObject({
        NODE_EXTRA_CA_CERTS: '/etc/ssl/longshore/all.pem',
      });
      expect(spec.volumes, owner).toContainEqual({ name: 'certificates', ...volume });
    }
  });
});

describe('further objects', () => {
  it('are made beside the rest, from maps and from text, both as templates', async () => {
    const objects = await render({
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-map' } },
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "longshore.name" (list . "text") }}\n',
      ],
    });
    expect(named(objects, 'ConfigMap')).toEqual(expect.arrayContaining(['longshore-map', 'longshore-text']));
  });
});

describe('a storage driver of one’s own', () => {
  it('is named in the configuration by its package, and reaches the store by the usual edges', async () => {
    const custom = { '@acme/shelf': { path: '/shelf', retries: 3 } };
    const objects = await render({ storage: { driver: 'custom', existingSecret: '', s3: null, custom } });
    const file = find(objects, 'ConfigMap', 'longshore-configuration')['data']['config.yml'];
    expect(parse(file)).toMatchObject({ storage: custom });
    expect(Object.keys(parse(file).storage)).toEqual(['@acme/shelf']);
  });
});
