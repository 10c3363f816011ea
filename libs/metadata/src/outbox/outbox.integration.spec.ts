import { afterAll, describe, expect, it } from 'vitest';
import {
  addDeliveries,
  buryDelivery,
  claimDeliveries,
  completeDelivery,
  deadDeliveries,
  deliveryDepths,
  postponeDelivery,
  replayDeliveries,
} from '../deliveries/deliveries.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { addEvents, claimEvents, deleteEvents, outboxDepth } from './outbox.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const idOf = (number: number) => `01890000-0000-7000-8000-00000000000${number}`;

describe('the outbox', () => {
  it('gives each event to one relay, in order, until the lease is over', async () => {
    await addEvents(
      db,
      [3, 1, 2].map((number) => ({ id: idOf(number), data: { number } })),
    );
    const [first, second] = await Promise.all([
      claimEvents(db, { limit: 2, leaseSeconds: 60 }),
      claimEvents(db, { limit: 2, leaseSeconds: 60 }),
    ]);
    const all = [...first, ...second].map((event) => event.id).toSorted();
    expect(all).toEqual([1, 2, 3].map(idOf));
    await deleteEvents(
      db,
      first.map((event) => event.id),
    );
    expect(await claimEvents(db, { limit: 10, leaseSeconds: 60 })).toEqual([]);
    await db
      .updateTable('outbox')
      .set({ claimed_until: new Date(0) })
      .execute();
    const again = await claimEvents(db, { limit: 10, leaseSeconds: 60 });
    expect(again.map((event) => event.id)).toEqual(second.map((event) => event.id));
    expect(await outboxDepth(db)).toMatchObject({ events: second.length });
  });
});

describe('deliveries', () => {
  const endpoint = 'hook';
  const envelope = Buffer.from('{"events":[]}');

  it('are created once for an event that comes twice, and are claimed in order', async () => {
    const twice = [2, 1].map((number) => ({ endpoint, eventId: idOf(number), envelope }));
    const added = await addDeliveries(db, twice);
    expect(added.map(({ eventId }) => eventId).toSorted()).toEqual([1, 2].map(idOf));
    expect(await addDeliveries(db, twice)).toEqual([]);
    const claimed = await claimDeliveries(db, { endpoint, limit: 10, leaseSeconds: 60 });
    expect(claimed).toMatchObject([1, 2].map((number) => ({ eventId: idOf(number), envelope, attempts: 1 })));
    expect(await claimDeliveries(db, { endpoint, limit: 10, leaseSeconds: 60 })).toEqual([]);
  });

  it('come again when postponed, and are over when completed', async () => {
    await postponeDelivery(db, { endpoint, eventId: idOf(1), seconds: 0, error: '503' });
    const [again] = await claimDeliveries(db, { endpoint, limit: 10, leaseSeconds: 60 });
    expect(again).toMatchObject({ eventId: idOf(1), attempts: 2 });
    await completeDelivery(db, { endpoint, eventId: idOf(1) });
    expect(await deliveryDepths(db)).toEqual([{ endpoint, state: 'pending', deliveries: 1 }]);
  });

  it('stay as dead letters until they are replayed', async () => {
    await buryDelivery(db, { endpoint, eventId: idOf(2), error: 'gone' });
    expect(await claimDeliveries(db, { endpoint, limit: 10, leaseSeconds: 60 })).toEqual([]);
    expect(await deadDeliveries(db, { endpoint, limit: 10 })).toMatchObject([{ lastError: 'gone' }]);
    expect(await replayDeliveries(db, { endpoint, eventIds: [idOf(2), idOf(9)] })).toEqual([idOf(2)]);
    const [revived] = await claimDeliveries(db, { endpoint, limit: 10, leaseSeconds: 60 });
    expect(revived).toMatchObject({ eventId: idOf(2), attempts: 1 });
  });
});
