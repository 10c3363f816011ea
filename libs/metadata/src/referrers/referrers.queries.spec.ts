import { expect, it } from 'vitest';
import { sqlOf } from '../testing/sql-of.ts';
import { selectReferrersPage } from './referrers.queries.ts';

const page = {
  repository: 1,
  subject: Buffer.alloc(33, 1),
  after: Buffer.alloc(0),
  artifactType: undefined,
  limit: 100,
  bytes: 1024,
};

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    selectReferrersPage: selectReferrersPage(page),
    'selectReferrersPage of one artifact type': selectReferrersPage({
      ...page,
      artifactType: 'application/json',
    }),
  });
  await expect(queries).toMatchFileSnapshot('./referrers.queries.sql');
});
