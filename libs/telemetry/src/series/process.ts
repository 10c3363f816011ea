import { seriesOf } from './define.ts';

const { counter } = seriesOf(
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
  'standalone',
);

export const ofProcess = {
  logLinesDropped: counter({
    name: 'registry_log_lines_dropped_total',
    help: 'Lines of the log that were dropped, since nobody read standard output',
  }),
};
