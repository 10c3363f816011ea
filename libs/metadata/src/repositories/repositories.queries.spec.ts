import { expect, it } from 'vitest';
import { paperDatabase as db, sqlOf } from '../testing/sql-of.ts';
import {
  insertRepository,
  selectCatalogPage,
  selectRepository,
  selectRepositoryName,
} from './repositories.queries.ts';

it('asks Postgres what the snapshot says', async () => {
  const queries = sqlOf({
    selectRepository: selectRepository(db, 'team/app'),
    insertRepository: insertRepository(db, 'team/app'),
    selectCatalogPage: selectCatalogPage(db, 'team/app', 100),
    selectRepositoryName: selectRepositoryName(db, 1),
  });
  await expect(queries).toMatchFileSnapshot('./repositories.queries.sql');
});
