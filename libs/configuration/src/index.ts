export {
  type FieldRow as ConfigurationRow,
  type JsonSchema,
  type LinearPattern,
  parseAddress,
  propertiesOf,
} from '@longshore/fields';
export { asConfigurationError, ConfigurationError, type Problem } from './configuration-error.ts';
export { configurationJsonSchema } from './json-schema.ts';
export { describeConfiguration } from './describe-configuration.ts';
export { effectiveConfiguration, printConfiguration } from './effective-configuration.ts';
export { hasAccounts, isExternal as usesExternalTokens } from './fragments/auth.ts';
export { isKeyUrl } from './fragments/auth-workload.ts';
export { type EventAction, eventActions } from './fragments/notifications.ts';
export { storageDriverOf } from './fragments/storage.ts';
export { storageOptionsOf } from './storage-options.ts';
export {
  loadConfiguration,
  loadConfigurationWithWarnings,
  type ConfigurationSources,
} from './load-configuration.ts';
export { namesStore } from './sources/gather.ts';
export type { Configuration } from './schema.ts';
export {
  serviceDemands,
  serviceNames,
  type ServiceDemands,
  type ServiceName,
} from './start/service-demands.ts';
export { accessPolicy } from './start/access-policy.ts';
export { refuseUnusable, resourceProblems } from './start/resource-problems.ts';
export { fromUser, standaloneDefaults, standaloneHome } from './start/standalone.ts';
export { opensslCipherName } from './values/cipher-suite.ts';
export { revocationListsIn } from './values/revocation-lists.ts';
export { codeOf } from './values/code-of.ts';
export { isLoopbackHost } from './values/loopback.ts';
export { announcesPulls, listeners, type NotificationEndpoint } from './listeners.ts';
