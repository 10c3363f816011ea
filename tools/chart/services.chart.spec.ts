import { describe, expect, it } from 'vitest';
import { podsOf } from './pods.ts';
import { find, type KubernetesObject, named, render, type Values } from './render-chart.ts';

const services = [
  ['apiGateway', 'api-gateway'],
  ['blobService', 'blob-service'],
  ['manifestService', 'manifest-service'],
  ['authService', 'auth-service'],
  ['notifier', 'notifier'],
  ['garbageCollector', 'garbage-collector'],
] as const;
const blobService = (objects: readonly KubernetesObject[]): KubernetesObject =>
  find(objects, 'Deployment', 'longshore-blob-service');
const podOf = (deployment: KubernetesObject): KubernetesObject['spec'] => deployment['spec'].template.spec;

const budgetsOf = async (service: string, values: Values): Promise<string[]> =>
  named(await render({ [service]: values }), 'PodDisruptionBudget');
const imageOf = async (values: Values): Promise<string> =>
  podOf(blobService(await render(values))).containers[0].image;

describe.each(services)('%s', (key, component) => {
  const deploymentOf = async (values: Values): Promise<KubernetesObject> =>
    find(await render(values), 'Deployment', `longshore-${component}`);

  it('is a Deployment whose pods it selects, with three probes and time to end', async () => {
    const { spec } = await deploymentOf({});
    const { labels } = spec.template.metadata;
    expect(spec.selector.matchLabels).toEqual({
      'app.kubernetes.io/name': 'longshore',
      'app.kubernetes.io/instance': 'longshore',
      'app.kubernetes.io/component': component,
    });
    expect(labels).toMatchObject(spec.selector.matchLabels);
    const [container] = spec.template.spec.containers;
    expect(container).toMatchObject({
      name: component,
      image: `longshore/${component}:0.1.0`,
      startupProbe: { httpGet: { path: '/health/live', port: 'debug' } },
      livenessProbe: { httpGet: { path: '/health/live', port: 'debug' } },
      readinessProbe: { httpGet: { path: '/health/ready', port: 'debug' } },
      lifecycle: { preStop: { sleep: { seconds: expect.any(Number) } } },
    });
    // Shorter than the hour of a long pull: a container that hangs at its start has nothing to drain.
    expect(container.startupProbe.terminationGracePeriodSeconds).toBeLessThan(10);
    expect(container.livenessProbe.terminationGracePeriodSeconds).toBeLessThan(60);
    expect(spec.strategy).toMatchObject({ rollingUpdate: { maxUnavailable: 0 } });
  });

  it('prefers its own values to those of all services', async () => {
    const { spec } = await deploymentOf({
      defaults: { replicas: 3, podAnnotations: { all: 'yes', both: 'all' } },
      [key]: { replicas: 4, podAnnotations: { both: 'own' } },
    });
    expect(spec.replicas).toBe(4);
    expect(spec.template.metadata.annotations).toMatchObject({ all: 'yes', both: 'own' });
  });

  it('says no number of replicas where another scaler sets it, and leaves a drained node one at a time', async () => {
    const { spec } = await deploymentOf({ [key]: { replicas: null } });
    expect(spec).not.toHaveProperty('replicas');
    expect(await budgetsOf(key, { replicas: null })).toContain(`longshore-${component}`);
  });

  it('scales by load when asked, and then says no number of replicas', async () => {
    const objects = await render({
      [key]: {
        autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9, targetMemoryUtilizationPercentage: 80 },
      },
    });
    expect(find(objects, 'Deployment', `longshore-${component}`)['spec']).not.toHaveProperty('replicas');
    expect(find(objects, 'HorizontalPodAutoscaler', `longshore-${component}`)['spec']).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: `longshore-${component}` },
      minReplicas: 3,
      maxReplicas: 9,
      metrics: [
        { resource: { name: 'cpu', target: { averageUtilization: 70 } } },
        { resource: { name: 'memory', target: { averageUtilization: 80 } } },
      ],
    });
    expect(named(objects, 'HorizontalPodAutoscaler')).toHaveLength(1);
  });

  it('has a disruption budget when there is more than one, and none of a single one', async () => {
    const name = `longshore-${component}`;
    expect(await budgetsOf(key, { replicas: 2 })).toContain(name);
    expect(await budgetsOf(key, { replicas: 1 })).not.toContain(name);
    expect(await budgetsOf(key, { replicas: 2, disruptionBudget: { enabled: false } })).not.toContain(name);
    expect(await budgetsOf(key, { replicas: 1, autoscaling: { enabled: true } })).toContain(name);
  });
});

describe('a service', () => {
  it('accepts all settings of operators', async () => {
    const values = {
      annotations: { a: '1' },
      podAnnotations: { b: '2' },
      podLabels: { c: '3' },
      affinity: { nodeAffinity: { d: 1 } },
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { e: 'f' },
      priorityClassName: 'high',
      topologySpreadConstraints: [{ maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }],
      extraEnv: [{ name: 'G', value: 'h' }],
      extraEnvFrom: [{ secretRef: { name: 'i' } }],
      extraVolumes: [{ name: 'j', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'j', mountPath: '/j' }],
      initContainers: [{ name: 'k', image: 'k:1' }],
      sidecars: [{ name: 'l', image: 'l:1' }],
      podSpec: { hostAliases: [{ ip: '10.0.0.1', hostnames: ['m'] }] },
      lifecycle: { preStop: { sleep: { seconds: 99 } } },
      strategy: { type: 'Recreate' },
      terminationGracePeriodSeconds: 77,
      revisionHistoryLimit: 1,
      startupProbe: { failureThreshold: 9 },
      resources: { limits: { memory: '4Gi' } },
      image: { registry: 'r', repository: 's/t', tag: 'u', pullPolicy: 'Always' },
    };
    const deployment = blobService(await render({ blobService: values }));
    const pod = podOf(deployment);
    const [container, sidecar] = pod.containers;
    expect(deployment.metadata.annotations).toEqual({ a: '1' });
    expect(deployment['spec']).toMatchObject({ strategy: { type: 'Recreate' }, revisionHistoryLimit: 1 });
    expect(deployment['spec'].strategy).not.toHaveProperty('rollingUpdate');
    expect(deployment['spec'].template.metadata).toMatchObject({
      annotations: { b: '2' },
      labels: { c: '3' },
    });
    expect(pod).toMatchObject({
      affinity: { nodeAffinity: { d: 1 } },
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { e: 'f' },
      priorityClassName: 'high',
      topologySpreadConstraints: values.topologySpreadConstraints,
      hostAliases: [{ ip: '10.0.0.1' }],
      terminationGracePeriodSeconds: 77,
      initContainers: [{ name: 'k' }],
    });
    expect(pod.volumes).toContainEqual({ name: 'j', emptyDir: {} });
    expect(container).toMatchObject({
      image: 'r/s/t:u',
      imagePullPolicy: 'Always',
      envFrom: [{ secretRef: { name: 'i' } }],
      lifecycle: { preStop: { sleep: { seconds: 99 } } },
      startupProbe: { failureThreshold: 9, periodSeconds: 2 },
      resources: { limits: { memory: '4Gi' }, requests: { cpu: '100m' } },
    });
    expect(container.env).toContainEqual({ name: 'G', value: 'h' });
    expect(container.volumeMounts).toContainEqual({ name: 'j', mountPath: '/j' });
    expect(sidecar).toEqual({ name: 'l', image: 'l:1' });
  });

  it('receives every signal, since it is not the first process of its namespace', async () => {
    expect(podOf(blobService(await render()))).toMatchObject({ shareProcessNamespace: true });
  });

  it('spreads over zones and nodes, unless told not to', async () => {
    const spread = podOf(blobService(await render())).topologySpreadConstraints;
    expect(spread.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ]);
    const without = podOf(blobService(await render({ blobService: { spread: false } })));
    expect(without.topologySpreadConstraints).toBeUndefined();
  });

  it('gets new pods when the configuration changes, and keeps them when only the chart does', async () => {
    const annotations = async (values: Values): Promise<unknown> =>
      blobService(await render(values))['spec'].template.metadata.annotations;
    expect(await annotations({ configuration: { gc: { grace: '6h' } } })).not.toEqual(await annotations({}));
    const labels = JSON.stringify(blobService(await render())['spec'].template.metadata.labels);
    expect(labels).not.toMatch(/helm.sh\/chart|version/);
  });

  it('runs as its own ServiceAccount, or as the given one', async () => {
    const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/registry' };
    const objects = await render({ blobService: { serviceAccount: { annotations } } });
    expect(podOf(blobService(objects)).serviceAccountName).toBe('longshore-blob-service');
    const account = find(objects, 'ServiceAccount', 'longshore-blob-service');
    expect(account).toMatchObject({ metadata: { annotations }, automountServiceAccountToken: false });
    const others = await render({ blobService: { serviceAccount: { create: false, name: 'theirs' } } });
    expect(podOf(blobService(others)).serviceAccountName).toBe('theirs');
    expect(named(others, 'ServiceAccount')).not.toContain('theirs');
  });

  it('has a Service of the requested type', async () => {
    const objects = await render({
      apiGateway: {
        service: {
          type: 'NodePort',
          nodePort: 30_500,
          port: 80,
          annotations: { a: 'b' },
          spec: { ipFamilyPolicy: 'PreferDualStack' },
        },
      },
    });
    expect(find(objects, 'Service', 'longshore-api-gateway')).toMatchObject({
      metadata: { annotations: { a: 'b' } },
      spec: {
        type: 'NodePort',
        ipFamilyPolicy: 'PreferDualStack',
        ports: [{ port: 80, nodePort: 30_500, targetPort: 'http' }],
      },
    });
    expect(named(objects, 'Service')).toEqual([
      'longshore-api-gateway',
      'longshore-blob-service',
      'longshore-blob-service-replicas',
    ]);
  });

  it('omits the users of its pods if the cluster chooses them', async () => {
    const podSecurityContext = { runAsUser: null, runAsGroup: null, fsGroup: null };
    expect(podOf(blobService(await render({ podSecurityContext }))).securityContext).toEqual({
      runAsNonRoot: true,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('uses the requested images', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(await imageOf({ image: { registry: 'r', repository: 'x/y', tag: '9' } })).toBe(
      'r/x/y/blob-service:9',
    );
    expect(await imageOf({ global: { imageRegistry: 'mirror' }, image: { registry: 'r' } })).toBe(
      'mirror/longshore/blob-service:0.1.0',
    );
    expect(await imageOf({ blobService: { image: { digest } } })).toBe(`longshore/blob-service@${digest}`);
    const pulled = await render({ imagePullSecrets: ['a'], global: { imagePullSecrets: ['b'] } });
    for (const { spec, owner } of podsOf(pulled))
      expect(spec.imagePullSecrets, owner).toEqual([{ name: 'b' }, { name: 'a' }]);
  });
});
