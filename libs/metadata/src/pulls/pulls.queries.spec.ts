import { expect, it } from 'vitest';
import { sqlOf } from '../testing/sql-of.ts';
import { upsertPulls } from './pulls.queries.ts';

it('sends the SQL of the snapshot', async () => {
  await expect(sqlOf({ upsertPulls: upsertPulls([1, 2], 3600) })).toMatchFileSnapshot('./pulls.queries.sql');
});
