/** The services that use the bus. The garbage collector does not. */
export const busServices = [
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
] as const;

export type BusService = (typeof busServices)[number];
