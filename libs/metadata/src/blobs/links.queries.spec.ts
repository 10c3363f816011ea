import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteLink,
  insertLink,
  lockLink,
  lockLinkForDelete,
  lockLinkForReview,
  lockSourceLink,
  refreshLink,
  selectLink,
  selectLinkIsReferenced,
  selectSourceNames,
} from './links.queries.ts';

const link = { repository: 1, digest: Buffer.alloc(33, 1) };

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    insertLink: insertLink(tx, link),
    lockLink: lockLink(tx, link, 60),
    refreshLink: refreshLink(tx, link),
    selectLinkIsReferenced: selectLinkIsReferenced(link),
    lockLinkForDelete: lockLinkForDelete(tx, link),
    lockLinkForReview: lockLinkForReview(tx, link, 60),
    selectLink: selectLink(db, link),
    deleteLink: deleteLink(tx, link),
    lockSourceLink: lockSourceLink(link.digest, ['team/app']),
    selectSourceNames: selectSourceNames(db, link.digest, 10),
  });
  await expect(queries).toMatchFileSnapshot('./links.queries.sql');
});
