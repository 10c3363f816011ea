import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteSigningKey,
  deleteSigningKeys,
  demandSuccessor,
  insertSigningKey,
  lockSigningKeys,
  retireSigningKeyRow,
  selectSigningKeys,
} from './signing-keys.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    lockSigningKeys,
    selectSigningKeys: selectSigningKeys(db),
    insertSigningKey: insertSigningKey(tx, {
      kid: 'k',
      publicJwk: '{}',
      privateKey: Buffer.alloc(1),
      signsFrom: new Date(0),
    }),
    retireSigningKeyRow: retireSigningKeyRow(db, 'k'),
    demandSuccessor: demandSuccessor(db, 5),
    deleteSigningKey: deleteSigningKey(tx, 'k'),
    deleteSigningKeys: deleteSigningKeys(db, 60),
  });
  await expect(queries).toMatchFileSnapshot('./signing-keys.queries.sql');
});
