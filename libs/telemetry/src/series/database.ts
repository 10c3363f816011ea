import { durations, seriesOf } from './define.ts';

const { gauge, histogram } = seriesOf(
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
  'standalone',
);
const pool = '`lookups`, the batched look-ups of pulls, or `steps`, everything else';

export const database = {
  databaseQueries: histogram({
    name: 'longshore_database_query_duration_seconds',
    help: 'Statements, without the wait for a connection',
    labels: { pool, outcome: '`ok`, `failed`, or `unavailable`: Postgres did not answer' },
    buckets: durations,
  }),
  databaseConnections: gauge({
    name: 'longshore_database_connections',
    help: 'Connections to Postgres, and what waits for one',
    labels: { pool, state: '`busy`, `idle`, or `waiting`: statements that wait for a connection' },
  }),
};
