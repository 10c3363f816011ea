import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteEmptyRepositories,
  insertRepository,
  lockEmptyRepositories,
  selectCatalogPage,
  selectNameWithoutManifest,
  selectCatalogRanges,
  selectRepository,
  selectRepositoryName,
} from './repositories.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    selectRepository: selectRepository(db, 'team/app'),
    insertRepository: insertRepository(db, 'team/app'),
    selectCatalogPage: selectCatalogPage(db, 'team/app', 100),
    selectCatalogRanges: selectCatalogRanges({
      after: 'team/app',
      limit: 100,
      ranges: [{ from: 'team/', to: 'team/~' }],
    }),
    lockEmptyRepositories: lockEmptyRepositories(60, 100),
    deleteEmptyRepositories: deleteEmptyRepositories([1]),
    selectNameWithoutManifest: selectNameWithoutManifest(tx, 1),
    selectRepositoryName: selectRepositoryName(db, 1),
  });
  await expect(queries).toMatchFileSnapshot('./repositories.queries.sql');
});
