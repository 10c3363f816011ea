import { expect, it } from 'vitest';
import { paperDatabase as db, sqlOf } from '../testing/sql-of.ts';
import { deleteOldEntries, insertEntries, selectEntries } from './audit.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const at = new Date(0);
  const queries = sqlOf({
    insertEntries: insertEntries('[]'),
    selectEntries: selectEntries(db, {}, 10),
    selectEntriesOf: selectEntries(
      db,
      { since: at, until: at, actor: 'ann', repository: 'team/app', before: { at, id: 'id' } },
      10,
    ),
    deleteOldEntries: deleteOldEntries(60, 1000),
  });
  await expect(queries).toMatchFileSnapshot('./audit.queries.sql');
});
