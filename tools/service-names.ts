/** The services of the registry, the doors first, what they call afterwards. */
export const serviceNames = [
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
] as const;
