import { expect, it } from 'vitest';
import { paperDatabase as db, sqlOf } from '../testing/sql-of.ts';
import { claimDueSuspect, markSuspect, unmarkSuspect } from './suspects.queries.ts';

const object = { digest: Buffer.alloc(33, 1), storageKey: 'uploads/1' };

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    markSuspect: markSuspect(db, object),
    claimDueSuspect: claimDueSuspect(60),
    unmarkSuspect: unmarkSuspect(db, object),
  });
  await expect(queries).toMatchFileSnapshot('./suspects.queries.sql');
});
