import { seriesOf } from './define.ts';

const { counter } = seriesOf('auth-service', 'standalone');
const { gauge } = seriesOf('api-gateway', 'blob-service', 'standalone');

export const access = {
  logins: counter({
    name: 'longshore_logins_total',
    help: 'Passwords that were compared with an account',
    labels: { outcome: '`right`, `wrong`, or `refused`: after too many wrong ones, or too many at a time' },
  }),
  accessAge: gauge({
    name: 'longshore_access_age_seconds',
    help: 'Age of the last answer of auth-service about void credentials. Above a few seconds: revocations do not arrive',
  }),
  tokens: counter({
    name: 'longshore_tokens_total',
    help: 'Answers of the token endpoint',
    labels: { outcome: '`issued` or `refused`' },
  }),
};
