import { expect, it } from 'vitest';
import { sqlOf } from '../testing/sql-of.ts';
import {
  blobsInRepositories,
  manifestPayload,
  manifestsByDigest,
  manifestsByTag,
} from './lookups.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    manifestsByTag,
    manifestsByDigest,
    manifestPayload,
    blobsInRepositories,
  });
  await expect(queries).toMatchFileSnapshot('./lookups.queries.sql');
});
