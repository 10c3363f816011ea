/** The services of every form but standalone. The tests have their own list, so that they notice one that the product forgets. */
export const serviceNames = [
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
] as const;

/** The images of the chart. */
export const chartImages = [...serviceNames, 'cli', 'postgres', 'nats'] as const;
