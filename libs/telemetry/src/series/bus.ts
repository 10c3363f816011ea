import { durations, seriesOf } from './define.ts';

const subject = 'the subject of the question (bus.md)';
const outcome = '`ok`, or the code of the refusal; `UNKNOWN` for a fault';

/** Questions and answers between services. Within one process they are counted where they are answered. */
export const bus = {
  busRequests: seriesOf('api-gateway', 'blob-service').histogram({
    name: 'longshore_bus_request_duration_seconds',
    help: 'Questions, from the asking to the answer',
    labels: { subject, outcome },
    buckets: durations,
  }),
  busAnswers: seriesOf('manifest-service', 'auth-service', 'standalone').histogram({
    name: 'longshore_bus_answer_duration_seconds',
    help: 'Questions, from their arrival to their answer, the wait for a free place included',
    labels: { subject, outcome },
    buckets: durations,
  }),
  busConnected: seriesOf('api-gateway', 'blob-service', 'manifest-service', 'auth-service', 'notifier').gauge(
    { name: 'longshore_bus_connected', help: '1 while the connection to NATS stands, else 0' },
  ),
};
