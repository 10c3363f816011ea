import { seriesOf } from './define.ts';

const { counter, gauge } = seriesOf('api-gateway', 'blob-service', 'standalone');
const limit = '`requests` or `pulls`';

/** What the limits of `http.ratelimits` do. */
export const limits = {
  rateLimited: counter({
    name: 'longshore_rate_limited_total',
    help: 'Requests refused since their client had used up a limit',
    labels: { limit, whose: '`account` or `address`: whose limit it was' },
  }),
  rateLimitClients: gauge({
    name: 'longshore_rate_limit_clients',
    help: 'Accounts and networks whose use of a limit this process remembers',
    labels: { limit },
  }),
};
