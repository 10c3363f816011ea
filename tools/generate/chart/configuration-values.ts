import { configurationJsonSchema, type JsonSchema, propertiesOf } from '@longshore/configuration';
import { driverNames, isDriverName } from '@longshore/stores/catalogue';

/** Drivers of `storage.driver`, in the order in which the reference has them. What a pod's memory keeps is gone with it. */
export const drivers = driverNames.filter((name) => name !== 'inmemory');

/** Keys that the chart sets itself: addresses and files that it knows, and what a value of its own says. */
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

/** The registry's configuration without what the chart knows, without what is refused anyway, and without secrets, which no ConfigMap may hold. */
function known(): JsonSchema {
  return configurationJsonSchema(
    (path, { secret, refused }) => owned.has(path) || secret === true || refused !== undefined,
  );
}

/** `configuration` of the values. */
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

/** Parameters of each driver; the required ones are asked for only where the driver is chosen. */
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
