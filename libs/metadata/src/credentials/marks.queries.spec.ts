import { expect, it } from 'vitest';
import { paperDatabase as db, sqlOf } from '../testing/sql-of.ts';
import {
  deleteEndedMarks,
  endFamiliesOf,
  lockFileAccounts,
  selectHorizon,
  selectMarks,
  syncFileAccounts,
  upsertMarks,
} from './marks.queries.ts';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    upsertMarks: upsertMarks([{ kind: 'user', name: 'ann', keeps: null }], 60),
    selectHorizon,
    selectMarks: selectMarks('1', { writtenBy: '0', kind: '', name: '' }, 100),
    deleteEndedMarks: deleteEndedMarks(db),
    endFamiliesOf: endFamiliesOf(['ann'], ['pat'], ['00000000-0000-4000-8000-000000000000']),
    lockFileAccounts,
    syncFileAccounts: syncFileAccounts(['ann'], ['print']),
  });
  await expect(queries).toMatchFileSnapshot('./marks.queries.sql');
});
