/** The services that every form but standalone runs; the tests have a list of their own, so that one that the product forgets is missed. */
export const serviceNames = [
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
] as const;

/** What the chart can start. */
export const chartImages = [...serviceNames, 'cli', 'postgres', 'nats'] as const;
