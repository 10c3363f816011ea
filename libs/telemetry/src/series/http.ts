import { durations, seriesOf, sizes } from './define.ts';

const { counter, gauge, histogram } = seriesOf('api-gateway', 'blob-service', 'standalone');
const handler = 'the id of a route, the path pattern of a controller, or `unmatched`';
const method = 'in lower case; `other` for one that HTTP does not know';

/** The door: distribution's names, and what bounds transfers. */
export const http = {
  httpRequests: counter({
    name: 'registry_http_requests_total',
    help: 'Requests answered. 499: the client did not get its answer whole',
    labels: { handler, code: 'the status', method },
  }),
  httpDuration: histogram({
    name: 'registry_http_request_duration_seconds',
    help: 'From the head of the request to the end of the answer',
    labels: { handler, method },
    buckets: durations,
  }),
  httpRequestSize: histogram({
    name: 'registry_http_request_size_bytes',
    help: 'What came of the bodies of requests that have one',
    labels: { handler },
    buckets: sizes,
  }),
  httpResponseSize: histogram({
    name: 'registry_http_response_size_bytes',
    help: 'Bodies of the answers that were sent whole, proxied ones included',
    labels: { handler },
    buckets: sizes,
  }),
  httpInFlight: gauge({
    name: 'registry_http_in_flight_requests',
    help: 'Requests being served',
    labels: { handler },
  }),
  httpTransfers: gauge({
    name: 'registry_http_transfers',
    help: 'Request and response bodies under way',
  }),
  httpTransfersRefused: counter({
    name: 'registry_http_transfers_refused_total',
    help: 'Requests refused since too many bodies were under way',
    labels: { limit: '`process`, `account` or `address`: whose limit it was' },
  }),
};
