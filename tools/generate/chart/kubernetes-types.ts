import type { JsonSchema } from '@longshore/configuration';
import { flag, integer, list, map, matching, section, text, words } from './json-types.ts';

// Types of Kubernetes, as far as a mistake in them is likely. The API server checks the rest, since it knows its own version best.

/** Name of a Kubernetes object. */
export const name = matching('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$');

/** Key of a file in a Secret or a ConfigMap. */
export const key = matching('^[-._a-zA-Z0-9]*$');

export const quantity: JsonSchema = {
  type: ['string', 'number'],
  pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][0-9]+)?$',
};

export const labels = map(text);
export const annotations = map(text);
export const cloudUrl = matching('^(https?://[^/]+/?)?$');

export const resources = section({
  requests: map(quantity),
  limits: map(quantity),
  claims: list(map(true)),
});

const portOrName: JsonSchema = { type: ['integer', 'string'] };
export const amount: JsonSchema = {
  anyOf: [integer(0), matching('^[0-9]{1,3}%$')],
};

const probeTimes = {
  initialDelaySeconds: integer(0),
  periodSeconds: integer(1),
  timeoutSeconds: integer(1),
  successThreshold: integer(1),
  failureThreshold: integer(1),
};
export const readinessProbe = section(probeTimes);
/** A probe whose failure ends the container. */
export const probe = section({ ...probeTimes, terminationGracePeriodSeconds: integer(1) });

export const strategy = section({
  type: words('RollingUpdate', 'Recreate'),
  rollingUpdate: section({ maxUnavailable: amount, maxSurge: amount }),
});

export const toleration = section({
  key: text,
  operator: words('Exists', 'Equal'),
  value: text,
  effect: words('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
  tolerationSeconds: integer(0),
});

export const affinity = section({
  nodeAffinity: map(true),
  podAffinity: map(true),
  podAntiAffinity: map(true),
});

export const spreadConstraint: JsonSchema = {
  ...map(true),
  required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
};

/** Kubernetes's lists of named things, which have many other fields. */
export const named: JsonSchema = { ...map(true), required: ['name'] };

export const variable = section({ name: matching('.+'), value: text, valueFrom: map(true) }, ['name']);
export const variables = section({ prefix: text, configMapRef: map(true), secretRef: map(true) });
export const mount: JsonSchema = { ...map(true), required: ['name', 'mountPath'] };

export const peer = section({
  ipBlock: section({ cidr: text, except: list(text) }, ['cidr']),
  namespaceSelector: map(true),
  podSelector: map(true),
});

const policyPort = section({
  port: portOrName,
  endPort: integer(1, 65_535),
  protocol: words('TCP', 'UDP', 'SCTP'),
});
export const policyRules = section({
  ingress: list(section({ from: list(peer), ports: list(policyPort) })),
  egress: list(section({ to: list(peer), ports: list(policyPort) })),
});

// Without ReadWriteOncePod, since the collector mounts the volume as well.
export const accessMode = words('ReadWriteOnce', 'ReadWriteMany');

/** A duration of the Gateway API. */
export const gatewayDuration = matching('^([0-9]{1,5}(h|m|s|ms)){1,4}$');
export const prometheusDuration = matching('^([0-9]+(ms|[smhdwy]))*$');

export const parentReference = section(
  {
    group: text,
    kind: text,
    namespace: text,
    name: matching('.+'),
    sectionName: text,
    port: integer(1, 65_535),
  },
  ['name'],
);

export const serviceAccount = section({ create: flag, name, annotations });
