import { type JsonSchema, propertiesOf } from '@longshore/configuration';
import { configurationValues, drivers, driverValues } from './configuration-values.ts';
import {
  definition,
  flag,
  integer,
  list,
  map,
  matching,
  nullable,
  section,
  text,
  words,
} from './json-types.ts';
import * as kubernetes from './kubernetes-types.ts';
import { image, imageParts, serviceValues } from './service-values.ts';
import type { ValueComment } from './values-comments.ts';

const { name, key, annotations, labels } = kubernetes;
const services = [
  'apiGateway',
  'blobService',
  'manifestService',
  'authService',
  'notifier',
  'garbageCollector',
];

/** Returns charts/longshore/values.schema.json. The descriptions come from the comments of values.yaml. */
export function valuesSchema(comments: readonly ValueComment[]): string {
  const service = definition('service');
  const properties = {
    nameOverride: name,
    fullnameOverride: name,
    namespaceOverride: name,
    commonLabels: labels,
    extraObjects: list({ type: ['object', 'string'] }),
    // A parent chart shares `global`, and may add keys to it.
    global: { ...section({ imageRegistry: text, imagePullSecrets: list(name) }), additionalProperties: true },
    imagePullSecrets: list(name),
    image: section(imageParts),
    externalUrl: kubernetes.cloudUrl,
    configuration: configurationValues(),
    configurationFromSecrets: list(
      section({ variable: matching('^REGISTRY_[A-Z0-9_]+$'), secret: name, key }, [
        'variable',
        'secret',
        'key',
      ]),
    ),
    certificates: section({ existingConfigMap: name, existingSecret: name, key }),
    auth,
    servicesSecret: section({ existingSecret: name, key }),
    gatewayCertificate: section({ existingSecret: name, certificateKey: key, keyKey: key }),
    commandLine: section({ replicas: integer(0), image, resources: kubernetes.resources }),
    postgres,
    nats,
    storage: storage(),
    migrations,
    ingress,
    httpRoute,
    metrics,
    networkPolicy,
    tests: section({ existingSecret: name, image, resources: kubernetes.resources }),
    podSecurityContext: map(true),
    containerSecurityContext: map(true),
    defaults: service,
    ...Object.fromEntries(services.map((one) => [one, service])),
  };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...section(properties),
    definitions: { service: describe(serviceValues, ['defaults'], comments) },
  };
  return `${JSON.stringify(describe(schema, [], comments), undefined, 2)}\n`;
}

const auth = section({
  htpasswd: section({ existingSecret: name, key }),
  externalTokens: section({ existingSecret: name, jwksKey: key, rootcertbundleKey: key }),
  ldap: section({ existingSecret: name, passwordKey: key, caKey: key }),
  providers: section({ existingSecret: name, caKey: key }),
  seal: section({ existingSecret: name, key, keep: flag }),
});

const postgres = section({
  host: text,
  port: integer(1, 65_535),
  user: text,
  database: text,
  pool: integer(2, 1000),
  existingSecret: name,
  passwordKey: key,
  urlKey: key,
  bundled: section({
    enabled: flag,
    image,
    resources: kubernetes.resources,
    persistence: section({ enabled: flag, size: kubernetes.quantity, storageClass: name, keep: flag }),
  }),
});

const nats = section({
  servers: list(matching('^(nats://|tls://)?[^/@]+$')),
  existingSecret: name,
  userKey: key,
  passwordKey: key,
  credsKey: key,
  tls: section({ existingSecret: name, caKey: key, certificateKey: key, keyKey: key }),
  bundled: section({ enabled: flag, image, size: kubernetes.quantity, resources: kubernetes.resources }),
});

function storage(): JsonSchema {
  const { parameters, conditions } = driverValues();
  return {
    ...section({
      driver: words('', ...drivers, 'custom'),
      existingSecret: name,
      existingSecretKeys: list(matching('^[a-z]+$')),
      ...parameters,
      custom: map(map(true)),
      persistence: section({
        existingClaim: name,
        accessModes: { ...list(kubernetes.accessMode), minItems: 1 },
        size: kubernetes.quantity,
        storageClass: name,
        volumeName: name,
        selector: section({ matchLabels: labels, matchExpressions: list(map(true)) }),
        annotations,
        keep: flag,
      }),
    }),
    allOf: conditions,
  };
}

const migrations = section({
  mode: words('hook', 'job', 'initContainer', 'none'),
  image,
  backoffLimit: integer(0),
  activeDeadlineSeconds: nullable(integer(1)),
  serviceAccountName: name,
  podLabels: labels,
  podAnnotations: annotations,
  nodeSelector: map(text),
  tolerations: list(kubernetes.toleration),
  extraEnv: list(kubernetes.variable),
  extraVolumes: list(kubernetes.named),
  extraVolumeMounts: list(kubernetes.mount),
  resources: kubernetes.resources,
});

const host = matching('^(\\*\\.)?([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$');
/** Like `host`, and not empty. */
const hostName = matching('^(\\*\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$');

const ingress = section({
  enabled: flag,
  className: name,
  controller: words('nginx', 'f5', 'haproxy', 'other'),
  host,
  extraHosts: list(hostName),
  labels,
  annotations,
  tls: section({ enabled: flag, existingSecret: name }),
});

const httpRoute = section({
  enabled: flag,
  parentRefs: list(kubernetes.parentReference),
  hostnames: list(hostName),
  labels,
  annotations,
  blobsDirect: flag,
  caCertificateRefs: list(
    section({ group: text, kind: words('ConfigMap', 'Secret'), name: matching('.+') }, [
      'group',
      'kind',
      'name',
    ]),
  ),
  timeouts: section({ request: kubernetes.gatewayDuration, backendRequest: kubernetes.gatewayDuration }),
});

const monitor = section({
  enabled: flag,
  namespace: name,
  labels,
  interval: kubernetes.prometheusDuration,
  scrapeTimeout: kubernetes.prometheusDuration,
  relabelings: list(map(true)),
  metricRelabelings: list(map(true)),
});

const metrics = section({
  enabled: flag,
  service: section({ enabled: flag, labels, annotations }),
  podMonitor: monitor,
  serviceMonitor: monitor,
});

const peers = list(kubernetes.peer);
const networkPolicy = section({
  enabled: flag,
  storePorts: list(integer(1, 65_535)),
  providerPorts: list(integer(1, 65_535)),
  outside: section({
    clients: peers,
    metrics: peers,
    postgres: peers,
    nats: peers,
    store: peers,
    identity: peers,
    providers: peers,
    webhooks: peers,
    traces: peers,
    dns: peers,
  }),
  extra: map(kubernetes.policyRules),
});

/** Adds the comments of values.yaml to the schema, unless it has a description. */
function describe(
  schema: JsonSchema,
  path: readonly string[],
  comments: readonly ValueComment[],
): JsonSchema {
  const own = comments.find(({ path: commented }) => commented === path.join('.'))?.comment;
  const description = own === undefined || 'description' in schema ? {} : { description: own };
  const below = Object.entries(propertiesOf(schema)).map(
    ([step, inner]) => [step, describe(inner, [...path, step], comments)] as const,
  );
  return {
    ...schema,
    ...description,
    ...(below.length > 0 && { properties: Object.fromEntries(below) }),
  };
}
