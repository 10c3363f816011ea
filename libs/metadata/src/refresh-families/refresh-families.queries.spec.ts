import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteEndedFamilies,
  insertFamily,
  lockFamily,
  rotateFamily,
  selectFamily,
} from './refresh-families.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  const family = { id, subject: 'ann', gotWith: null, rotates: true, lifetimeSeconds: 60 };
  const queries = sqlOf({
    insertFamily: insertFamily(db, family),
    deleteEndedFamilies: deleteEndedFamilies(db),
    selectFamily: selectFamily(db, id),
    lockFamily: lockFamily(tx, id, 30),
    rotateFamily: rotateFamily(tx, id),
  });
  await expect(queries).toMatchFileSnapshot('./refresh-families.queries.sql');
});
