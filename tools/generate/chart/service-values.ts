import type { JsonSchema } from '@longshore/configuration';
import { flag, integer, list, map, matching, nullable, section, text, words } from './json-types.ts';
import * as kubernetes from './kubernetes-types.ts';

/** Parts of an image's reference. */
export const imageParts = {
  registry: text,
  repository: text,
  tag: matching('^[A-Za-z0-9_]?[A-Za-z0-9._-]{0,127}$'),
  pullPolicy: words('Always', 'IfNotPresent', 'Never'),
};

export const image = section({
  ...imageParts,
  digest: matching('^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})?$'),
});

/** Values of each of the six services, and `defaults` for all of them. */
export const serviceValues: JsonSchema = section({
  replicas: { ...integer(0), type: ['integer', 'null'] },
  image,
  autoscaling: section({
    enabled: flag,
    minReplicas: integer(1),
    maxReplicas: integer(1),
    targetCPUUtilizationPercentage: nullable(integer(1)),
    targetMemoryUtilizationPercentage: nullable(integer(1)),
    metrics: list(map(true)),
    behavior: section({ scaleUp: map(true), scaleDown: map(true) }),
  }),
  disruptionBudget: section({
    enabled: flag,
    maxUnavailable: nullable(kubernetes.amount),
    minAvailable: nullable(kubernetes.amount),
  }),
  strategy: kubernetes.strategy,
  revisionHistoryLimit: integer(0),
  progressDeadlineSeconds: integer(1),
  terminationGracePeriodSeconds: integer(1),
  preStopSeconds: integer(0),
  lifecycle: section({ preStop: map(true), postStart: map(true) }),
  startupProbe: kubernetes.probe,
  livenessProbe: kubernetes.probe,
  readinessProbe: kubernetes.readinessProbe,
  resources: kubernetes.resources,
  serviceAccount: kubernetes.serviceAccount,
  annotations: kubernetes.annotations,
  podAnnotations: kubernetes.annotations,
  podLabels: kubernetes.labels,
  spread: flag,
  topologySpreadConstraints: list(kubernetes.spreadConstraint),
  affinity: kubernetes.affinity,
  tolerations: list(kubernetes.toleration),
  nodeSelector: map(text),
  priorityClassName: text,
  extraEnv: list(kubernetes.variable),
  extraEnvFrom: list(kubernetes.variables),
  extraVolumes: list(kubernetes.named),
  extraVolumeMounts: list(kubernetes.mount),
  initContainers: list(kubernetes.named),
  sidecars: list(kubernetes.named),
  podSpec: map(true),
  tls: section({
    existingSecret: kubernetes.name,
    certificateKey: kubernetes.key,
    keyKey: kubernetes.key,
    caKey: kubernetes.key,
    clients: section({
      existingSecret: kubernetes.name,
      caKey: kubernetes.key,
      crlKey: kubernetes.key,
      auth: words(
        'request-client-cert',
        'require-any-client-cert',
        'verify-client-cert-if-given',
        'require-and-verify-client-cert',
      ),
    }),
  }),
  service: section({
    type: words('ClusterIP', 'NodePort', 'LoadBalancer'),
    port: integer(1, 65_535),
    nodePort: nullable(integer(1, 65_535)),
    labels: kubernetes.labels,
    annotations: kubernetes.annotations,
    spec: map(true),
  }),
});
