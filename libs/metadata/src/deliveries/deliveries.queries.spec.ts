import { expect, it } from 'vitest';
import { paperDatabase as db, sqlOf } from '../testing/sql-of.ts';
import {
  buryDeliveryRow,
  claimDueDeliveries,
  deleteDeliveriesOfOthers,
  deleteDelivery,
  deleteExcessDeliveries,
  deleteOldDeliveries,
  insertDeliveries,
  postponeDeliveryRow,
  reviveDeliveries,
  selectDeadDeliveries,
  selectDeliveryDepths,
} from './deliveries.queries.ts';

const id = '00000000-0000-4000-8000-000000000000';

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    insertDeliveries: insertDeliveries([id], ['hook'], [Buffer.from('{}')]),
    claimDueDeliveries: claimDueDeliveries('hook', 10, 60),
    deleteDelivery: deleteDelivery(db, 'hook', id),
    postponeDeliveryRow: postponeDeliveryRow(db, {
      endpoint: 'hook',
      eventId: id,
      seconds: 60,
      error: '503',
    }),
    buryDeliveryRow: buryDeliveryRow(db, { endpoint: 'hook', eventId: id, error: '503' }),
    selectDeadDeliveries: selectDeadDeliveries(db, 'hook', undefined, 10),
    reviveDeliveries: reviveDeliveries('hook', [id]),
    deleteOldDeliveries: deleteOldDeliveries(3600, 10),
    deleteExcessDeliveries: deleteExcessDeliveries('hook', 100, 10),
    deleteDeliveriesOfOthers: deleteDeliveriesOfOthers(['hook'], 3600, 10),
    selectDeliveryDepths: selectDeliveryDepths(db),
  });
  await expect(queries).toMatchFileSnapshot('./deliveries.queries.sql');
});
