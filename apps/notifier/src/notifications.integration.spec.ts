import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { loadConfiguration } from '@longshore/configuration';
import { InProcessEventStream, type Origin, type RegistryEvent, registryEvent } from '@longshore/messaging';
import {
  addDeliveries,
  addEvents,
  buryDelivery,
  deadDeliveries,
  deliveryDepths,
  outboxDepth,
  replayDeliveries,
} from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { eventually } from '@longshore/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeliveriesConsumer } from './deliveries/deliveries.consumer.ts';
import { DeliveryLimitsWorker } from './deliveries/delivery-limits.worker.ts';
import { DeliveriesWorker } from './deliveries/deliveries.worker.ts';
import { envelopeOf } from './deliveries/envelope.ts';
import { WebhookClient } from './deliveries/webhook-client.ts';
import { NotifierSettings } from './notifier-settings.ts';
import { OutboxRelayWorker } from './relay/outbox-relay.worker.ts';

const postgres = await migratedDatabase();
const { database } = postgres;
const { db } = database;
const log = new ServiceLog(createLogger({ level: 'silent' }));
const counts = new Metrics({ service: 'notifier' });
const client = new WebhookClient(counts);

/** The answers of the receivers, and the ids of the events that they got, in order. */
const answers = new Map([
  ['/good', 200],
  ['/bad', 500],
]);
const received: { path: string; id: string }[] = [];
const server = createServer((request, response) => void receive(request, response));
async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { events }: { events: RegistryEvent[] } = JSON.parse(await text(request));
  const path = request.url ?? '';
  received.push(...events.map(({ id }) => ({ path, id })));
  response.writeHead(answers.get(path) ?? 404).end();
}

let settings: NotifierSettings;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const endpoints = [
    { name: 'good', url: `${origin}/good` },
    { name: 'bad', url: `${origin}/bad`, backoff: '1ms' },
    { name: 'broken', url: `${origin}/bad`, threshold: 2, backoff: '1h', ignore: { actions: ['push'] } },
    { name: 'deaf', url: `${origin}/deaf`, ignore: { actions: ['push'] } },
    { name: 'off', url: `${origin}/off`, disabled: true },
  ];
  const environment = {
    REGISTRY_STORAGE_INMEMORY: '{}',
    REGISTRY_NOTIFICATIONS_ENDPOINTS: JSON.stringify(endpoints),
  };
  settings = new NotifierSettings(loadConfiguration({ environment }));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await client.onApplicationShutdown();
  await postgres.drop();
});
afterEach(async () => {
  received.length = 0;
  await db.deleteFrom('notification_deliveries').execute();
  await db.deleteFrom('outbox').execute();
});

const origin: Origin = {
  actor: 'ann',
  request: { id: 'r', addr: '198.51.100.7', host: 'x', method: 'PUT', useragent: '' },
  baseUrl: 'http://x',
};
const push = (): RegistryEvent => registryEvent('push', { repository: 'team/app' }, origin);
const outboxed = (events: readonly RegistryEvent[]) =>
  addEvents(
    db,
    events.map((event) => ({ id: event.id, data: event })),
  );
const endpoint = (name: string) => {
  const found = settings.endpoints.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no endpoint ${name}`);
  return found;
};
const worker = () => new DeliveriesWorker(database, settings, client, log);
const due = async (name: string, event: RegistryEvent) =>
  addDeliveries(db, [{ endpoint: name, eventId: event.id, envelope: envelopeOf(event) }]);

describe('DeliveriesWorker', () => {
  it('delivers due events in their order, and deletes them', async () => {
    const events = [push(), push(), push()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await Promise.all(events.toReversed().map((event) => due('good', event)));
    expect(await worker().step(endpoint('good'))).toBe('worked');
    expect(received).toEqual(events.map(({ id }) => ({ path: '/good', id })));
    expect(await deliveryDepths(db)).toEqual([]);
    expect(await worker().step(endpoint('good'))).toBe('idle');
  });

  it('retries a refused delivery later, and stores the reason', async () => {
    const event = push();
    await due('bad', event);
    await worker().step(endpoint('bad'));
    const row = db.selectFrom('notification_deliveries').select(['state', 'attempts', 'last_error']);
    expect(await row.executeTakeFirst()).toEqual({
      state: 'pending',
      attempts: 1,
      last_error: 'the receiver answered 500',
    });
    answers.set('/bad', 200);
    await eventually(async () => {
      await worker().step(endpoint('bad'));
      expect(await deliveryDepths(db)).toEqual([]);
    });
    answers.set('/bad', 500);
  });

  it('pauses for the backoff after as many failures in a row as the threshold', async () => {
    for (const event of [push(), push(), push()]) {
      await due('broken', event);
    }
    const pausing = worker();
    expect(await pausing.step(endpoint('broken'))).toBe('worked');
    expect(await pausing.step(endpoint('broken'))).toBe('idle');
    expect(received).toHaveLength(2);
  });

  it('keeps a delivery that was refused forty times as a dead letter', async () => {
    const event = push();
    await due('bad', event);
    await db.updateTable('notification_deliveries').set({ attempts: 39 }).execute();
    await worker().step(endpoint('bad'));
    const [dead] = await deadDeliveries(db, { endpoint: 'bad', limit: 10 });
    expect(dead).toMatchObject({ eventId: event.id, attempts: 40, lastError: 'the receiver answered 500' });
    expect(await worker().step(endpoint('bad'))).toBe('idle');
  });

  it('delivers nothing twice when two workers run', async () => {
    const events = Array.from({ length: 60 }, push);
    await Promise.all(events.map((event) => due('good', event)));
    const steps = Array.from({ length: 6 }, () => worker().step(endpoint('good')));
    expect(new Set(await Promise.all(steps))).toContain('worked');
    expect(received.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  });
});

const age = (name: string, hours: number) =>
  db
    .updateTable('notification_deliveries')
    .set({ created_at: new Date(Date.now() - hours * 3_600_000) })
    .where('endpoint', '=', name)
    .execute();

describe('DeliveryLimitsWorker', () => {
  const metrics = new Metrics({ service: 'notifier' });
  const limited = (limits: Record<string, unknown>) => {
    const environment = {
      REGISTRY_STORAGE_INMEMORY: '{}',
      REGISTRY_NOTIFICATIONS_ENDPOINTS: JSON.stringify([
        { name: 'good', url: 'http://127.0.0.1:1' },
        { name: 'off', url: 'http://127.0.0.1:1', disabled: true },
      ]),
      REGISTRY_NOTIFICATIONS_DELIVERIES: JSON.stringify(limits),
    };
    const within = new NotifierSettings(loadConfiguration({ environment }));
    return new DeliveryLimitsWorker(database, within, metrics, log);
  };
  const dropped = async (labels: string): Promise<string | undefined> =>
    (await metrics.registry.metrics()).split('\n').find((line) => line.includes(labels));

  it('drops the oldest beyond the count of each endpoint, dead letters too, and counts them', async () => {
    const events = Array.from({ length: 5 }, push).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await Promise.all(events.flatMap((event) => [due('good', event), due('off', event)]));
    await db
      .updateTable('notification_deliveries')
      .set({ state: 'dead' })
      .where('endpoint', '=', 'off')
      .execute();
    expect(await limited({ maxcount: 3 }).step()).toBe('worked');
    const rows = await db.selectFrom('notification_deliveries').select(['endpoint', 'event_id']).execute();
    const kept = events.slice(2).map(({ id }) => id);
    for (const name of ['good', 'off'])
      expect(
        rows
          .filter((row) => row.endpoint === name)
          .map((row) => row.event_id)
          .toSorted(),
      ).toEqual(kept);
    expect(await limited({ maxcount: 3 }).step()).toBe('idle');
    expect(await dropped('endpoint="good",reason="count"')).toMatch(/ 2$/);
  });

  it('drops deliveries that are too old, except replayed ones', async () => {
    await due('good', push());
    await due('off', push());
    await age('good', 3);
    expect(await limited({ maxage: '2h' }).step()).toBe('worked');
    expect(await deliveryDepths(db)).toEqual([{ endpoint: 'off', state: 'pending', deliveries: 1 }]);
    const event = push();
    await due('good', event);
    await age('good', 3);
    await buryDelivery(db, { endpoint: 'good', eventId: event.id, error: 'x' });
    await replayDeliveries(db, { endpoint: 'good', eventIds: [event.id] });
    expect(await limited({ maxage: '2h' }).step()).toBe('idle');
  });

  it('drops the deliveries of a removed endpoint, after a time in which other replicas may not know it yet', async () => {
    await due('removed', push());
    await due('new', push());
    await due('off', push());
    await age('removed', 2);
    expect(await limited({}).step()).toBe('worked');
    expect((await deliveryDepths(db)).map(({ endpoint: name }) => name)).toEqual(['new', 'off']);
    expect(await dropped('endpoint="removed",reason="endpoint removed"')).toMatch(/ 1$/);
  });
});

describe('OutboxRelayWorker and DeliveriesConsumer', () => {
  it('bring each event to every endpoint that wants it, and only then forget it', async () => {
    const stream = new InProcessEventStream();
    const relay = new OutboxRelayWorker(database, stream, log, counts);
    new DeliveriesConsumer(stream, database, settings, counts).onApplicationBootstrap();
    const event = push();
    await outboxed([event]);
    expect(await relay.step()).toBe('worked');
    await eventually(async () => expect((await outboxDepth(db)).events).toBe(0));
    expect((await deliveryDepths(db)).map(({ endpoint: name }) => name)).toEqual(['bad', 'good']);
    await stream.close();
  });

  it('lose nothing with the stream: an event that was not recorded is published again after its lease', async () => {
    const lossy = new InProcessEventStream();
    const event = push();
    await outboxed([event]);
    await new OutboxRelayWorker(database, lossy, log, counts).step();
    await lossy.close();
    expect((await outboxDepth(db)).events).toBe(1);

    const stream = new InProcessEventStream();
    const relay = new OutboxRelayWorker(database, stream, log, counts);
    new DeliveriesConsumer(stream, database, settings, counts).onApplicationBootstrap();
    expect(await relay.step()).toBe('idle');
    await db
      .updateTable('outbox')
      .set({ claimed_until: new Date(0) })
      .execute();
    expect(await relay.step()).toBe('worked');
    await eventually(async () => expect((await outboxDepth(db)).events).toBe(0));
    await stream.close();
  });

  it('make one delivery from an event that comes twice, and count it once', async () => {
    const metrics = new Metrics({ service: 'notifier' });
    const consumer = new DeliveriesConsumer(new InProcessEventStream(), database, settings, metrics);
    const event = push();
    await consumer.record(event);
    await consumer.record(event);
    const counted = await metrics.registry.getSingleMetric('registry_notifications_events_total')?.get();
    const values = counted?.values.toSorted((a, b) =>
      String(a.labels['endpoint']) < String(b.labels['endpoint']) ? -1 : 1,
    );
    expect(values).toEqual(
      ['bad', 'good'].map((name) => ({ labels: { type: 'Events', endpoint: name }, value: 1 })),
    );
    expect(await deliveryDepths(db)).toEqual([
      { endpoint: 'bad', state: 'pending', deliveries: 1 },
      { endpoint: 'good', state: 'pending', deliveries: 1 },
    ]);
  });

  it('forget an event that nobody wants', async () => {
    const nobody = new NotifierSettings(
      loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } }),
    );
    const event = push();
    await outboxed([event]);
    await new DeliveriesConsumer(new InProcessEventStream(), database, nobody, counts).record(event);
    expect((await outboxDepth(db)).events).toBe(0);
    expect(await deliveryDepths(db)).toEqual([]);
  });
});
