import { configurationJsonSchema, type JsonSchema, propertiesOf } from '@longshore/configuration';
import { driverNames, isDriverName } from '@longshore/stores/catalogue';

/** Drivers of `storage.driver`, in the order of the reference. Without inmemory, whose blobs are lost with the pod. */
export const drivers = driverNames.filter((name) => name !== 'inmemory');

/** Keys that the chart sets itself: addresses and files that it knows, and keys with a value of their own. */
const owned = new Set([
  'version',
  'postgres',
  'nats',
  'services',
  'http.addr',
  'http.net',
  'http.host',
  'http.tls',
  'http.draintimeout',
  'http.debug.addr',
  'http.debug.prometheus.enabled',
  'auth.htpasswd.path',
  'auth.token.jwks',
  'auth.token.rootcertbundle',
  'storage.inmemory',
]);

/** Returns the registry's configuration without keys that the chart sets, refused keys and secrets, which no ConfigMap may contain. */
function known(): JsonSchema {
  return configurationJsonSchema(
    (path, { secret, refused }) => owned.has(path) || secret === true || refused !== undefined,
  );
}

/** Returns the schema of `configuration` in the values. */
export function configurationValues(): JsonSchema {
  const schema = known();
  const { storage, ...others } = propertiesOf(schema);
  const settings = Object.entries(propertiesOf(storage ?? {})).filter(([key]) => !isDriverName(key));
  return {
    ...schema,
    required: [],
    properties: {
      ...others,
      storage: { ...storage, additionalProperties: false, properties: Object.fromEntries(settings) },
    },
  };
}

/** Returns the parameters of each driver. The required ones are required only if the driver is chosen. */
export function driverValues(): {
  readonly parameters: Readonly<Record<string, JsonSchema>>;
  readonly conditions: readonly JsonSchema[];
} {
  const all = propertiesOf(propertiesOf(known())['storage'] ?? {});
  const entries = drivers.map((driver) => {
    const { required, ...parameters } = all[driver] ?? {};
    return { driver, required, parameters };
  });
  return {
    parameters: Object.fromEntries(entries.map(({ driver, parameters }) => [driver, parameters])),
    conditions: entries
      .filter(({ required }) => required !== undefined)
      .map(({ driver, required }) => ({
        if: { properties: { driver: { const: driver } } },
        // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
        then: { properties: { [driver]: { required } } },
      })),
  };
}
