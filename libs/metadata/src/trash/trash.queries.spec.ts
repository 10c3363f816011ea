import { expect, it } from 'vitest';
import { sqlOf } from '../testing/sql-of.ts';
import { claimDueTrash, deleteTrash } from './trash.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    claimDueTrash: claimDueTrash(100, 60),
    deleteTrash: deleteTrash(['uploads/1']),
  });
  await expect(queries).toMatchFileSnapshot('./trash.queries.sql');
});
