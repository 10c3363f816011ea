import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  insertBlob,
  replaceBlobObject,
  lockBlobForReview,
  selectBlob,
  selectBlobIsLinked,
  selectBlobs,
  trashBlob,
} from './blobs.queries.ts';

const digest = Buffer.alloc(33, 1);

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    insertBlob: insertBlob(tx, { digest, size: 1, storageKey: 'uploads/1' }),
    replaceBlobObject: replaceBlobObject({ digest, size: 1, storageKey: 'uploads/1' }, 60),
    lockBlobForReview: lockBlobForReview(tx, digest),
    selectBlob: selectBlob(tx, digest),
    selectBlobIsLinked: selectBlobIsLinked(digest),
    trashBlob: trashBlob(digest, 60),
    selectBlobs: selectBlobs(db, digest, 100),
  });
  await expect(queries).toMatchFileSnapshot('./blobs.queries.sql');
});
