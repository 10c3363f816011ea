import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteTagByName,
  deleteTagsOfManifest,
  lockTagsOfManifest,
  pointTags,
  selectTagPage,
} from './tags.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    pointTags: pointTags(1, 1, ['latest']),
    lockTagsOfManifest: lockTagsOfManifest(tx, 1),
    deleteTagsOfManifest: deleteTagsOfManifest(tx, 1),
    deleteTagByName: deleteTagByName(tx, 1, 'latest'),
    selectTagPage: selectTagPage(db, 1, '', 100),
  });
  await expect(queries).toMatchFileSnapshot('./tags.queries.sql');
});
