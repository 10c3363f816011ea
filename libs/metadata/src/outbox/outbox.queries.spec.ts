import { expect, it } from 'vitest';
import { paperDatabase as db, sqlOf } from '../testing/sql-of.ts';
import { claimDueEvents, deleteEventsById, insertEvents, selectOutboxDepth } from './outbox.queries.ts';

const id = '00000000-0000-4000-8000-000000000000';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    insertEvents: insertEvents([id], ['{}'], [null]),
    claimDueEvents: claimDueEvents(100, 60),
    deleteEventsById: deleteEventsById(db, [id]),
    selectOutboxDepth: selectOutboxDepth(db),
  });
  await expect(queries).toMatchFileSnapshot('./outbox.queries.sql');
});
