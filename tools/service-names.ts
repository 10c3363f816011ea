/** The services of the registry: those with clients first, then the services that they call. */
export const serviceNames = [
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
] as const;
