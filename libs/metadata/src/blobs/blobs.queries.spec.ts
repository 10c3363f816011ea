import { expect, it } from 'vitest';
import { paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  insertBlob,
  lockBlob,
  lockBlobForReview,
  selectBlob,
  selectBlobIsLinked,
  trashBlob,
} from './blobs.queries.ts';

const digest = Buffer.alloc(33, 1);

it('asks Postgres what the snapshot says', async () => {
  const queries = sqlOf({
    insertBlob: insertBlob(tx, { digest, size: 1, storageKey: 'uploads/1' }),
    lockBlob: lockBlob(tx, digest),
    lockBlobForReview: lockBlobForReview(tx, digest),
    selectBlob: selectBlob(tx, digest),
    selectBlobIsLinked: selectBlobIsLinked(digest),
    trashBlob: trashBlob(digest, 60),
  });
  await expect(queries).toMatchFileSnapshot('./blobs.queries.sql');
});
