import { expect, it } from 'vitest';
import { sqlOf } from '../testing/sql-of.ts';
import { upsertPulls } from './pulls.queries.ts';

it('asks Postgres what the snapshot says', async () => {
  await expect(sqlOf({ upsertPulls: upsertPulls([1, 2], 3600) })).toMatchFileSnapshot('./pulls.queries.sql');
});
