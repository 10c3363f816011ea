export { asConfigurationError, ConfigurationError, type Problem } from './configuration-error.ts';
export { configurationJsonSchema, propertiesOf } from './json-schema.ts';
export type { JsonSchema } from './fields.ts';
export { describeConfiguration, type ConfigurationRow } from './describe-configuration.ts';
export { effectiveConfiguration, type EffectiveKey, printConfiguration } from './effective-configuration.ts';
export { isExternal as usesExternalTokens } from './fragments/auth.ts';
export { storageDriverOf, storageOptionsOf, type DriverName } from './fragments/storage.ts';
export {
  loadConfiguration,
  loadConfigurationWithWarnings,
  type ConfigurationSources,
  type LoadedConfiguration,
  type Need,
} from './load-configuration.ts';
export { namesStore } from './sources/gather.ts';
export type { Configuration } from './schema.ts';
export {
  isServiceName,
  serviceDemands,
  serviceNames,
  type ServiceDemands,
  type ServiceName,
} from './start/service-demands.ts';
export { refuseUnusable, resourceProblems } from './start/resource-problems.ts';
export { parseAddress } from './values/address.ts';
export type { LinearPattern } from './values/linear-pattern.ts';
export { opensslCipherName } from './values/cipher-suite.ts';
export { announcesPulls, listeners, type NotificationEndpoint } from './listeners.ts';
