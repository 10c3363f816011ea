import { randomUUID } from 'node:crypto';
import { addDeliveries, buryDelivery, deliveryDepths } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliOn } from '../testing/cli-on.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const ids = [randomUUID(), randomUUID(), randomUUID()].toSorted();
const envelope = Buffer.from('{"events":[{"action":"push"}]}');

beforeAll(async () => {
  await addDeliveries(
    db,
    ids.map((eventId) => ({ endpoint: 'hook', eventId, envelope })),
  );
  for (const eventId of ids.slice(0, 2))
    await buryDelivery(db, { endpoint: 'hook', eventId, error: 'the receiver answered 500' });
});

const longshore = cliOn(postgres.url);

describe('longshore notifications', () => {
  it('lists dead deliveries with their errors', async () => {
    const { status, printed } = await longshore('notifications', 'dead', 'hook', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(printed.join(''))).toEqual(
      ids.slice(0, 2).map((event) => ({
        event,
        since: expect.any(String),
        attempts: 0,
        error: 'the receiver answered 500',
        envelope: { events: [{ action: 'push' }] },
      })),
    );
    const { printed: lines } = await longshore('notifications', 'dead', 'hook');
    expect(lines.map((line) => line.slice(0, 36))).toEqual(ids.slice(0, 2));
    expect((await longshore('notifications', 'dead', 'other')).printed).toEqual([]);
  });

  it('makes them due again: the named ones, then all', async () => {
    const [first = '', , pending = ''] = ids;
    expect(await longshore('notifications', 'replay', 'hook', '--event', first)).toMatchObject({
      status: 0,
      printed: ['1 delivery is due again'],
    });
    expect(await longshore('notifications', 'replay', 'hook', '--event', pending)).toEqual({
      status: 1,
      printed: ['0 deliveries are due again'],
      complained: [
        `no delivery of ${pending} to hook was given up (notifications dead lists those that were)`,
      ],
    });
    expect((await longshore('notifications', 'replay', 'hook')).printed).toEqual(['1 delivery is due again']);
    expect(await deliveryDepths(db)).toEqual([{ endpoint: 'hook', state: 'pending', deliveries: 3 }]);
  });

  it('reports mistakes in its arguments', async () => {
    expect((await longshore('notifications', 'dead')).status).toBe(64);
    expect((await longshore('notifications', 'replay')).status).toBe(64);
    expect(await longshore('notifications', 'replay', 'hook', '--event', 'x')).toMatchObject({
      status: 64,
      complained: ['x is no id of an event (notifications dead lists them)'],
    });
  });
});
