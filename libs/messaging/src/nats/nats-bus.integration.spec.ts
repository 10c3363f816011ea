import { setTimeout as sleep } from 'node:timers/promises';
import { OciError } from '@longshore/oci';
import { Metrics } from '@longshore/telemetry';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineRequest } from '../request.ts';
import { describeBus } from '../testing/bus.contract.ts';
import { recorded } from '../testing/bus-fixture.ts';
import { natsServerIsMissing, startNatsServer, type TestNatsServer } from '../testing/nats-server.ts';
import { NatsBus } from './nats-bus.ts';
import { NatsConnector } from './nats-connector.ts';

const parties = { servedBy: 'manifest-service', askedBy: ['api-gateway'] } as const;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const bytes = defineRequest<{ size: number }, { payload: Uint8Array }>({
  subject: 'test.bytes',
  ...parties,
  deadlineMs: 10_000,
  lookup: true,
});
const push = defineRequest<{ payload: Uint8Array }, number>({
  subject: 'test.push',
  ...parties,
  deadlineMs: 5_000,
});
const whoAreYou = defineRequest<number, string>({ subject: 'test.who', ...parties, deadlineMs: 10_000 });

describe.skipIf(natsServerIsMissing())('with a NATS server', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.dispose());

  const connector = (log = {}, settings = {}, metrics?: Metrics) =>
    new NatsConnector(
      { servers: [server.url], name: 'test', largestMessageBytes: 4 * 1024 * 1024, ...settings },
      { ...silent, ...log },
      metrics,
    );

  async function pair() {
    const logged: unknown[] = [];
    const asker = new NatsBus(connector());
    const metrics = new Metrics({ service: 'test' });
    const log = { error: (fields: unknown) => void logged.push(fields) };
    return { asker, server: new NatsBus(connector(log, {}, metrics)), logged, metrics };
  }

  describeBus('NATS', pair);

  describe('NatsBus', () => {
    it('refuses to start, and says why, when the server carries too small messages', async () => {
      const small = await startNatsServer({ maxPayload: '1MB' });
      const bus = new NatsBus(connector({}, { servers: [small.url] }));
      await expect(bus.start()).rejects.toThrow(
        /carries messages of 1048576 bytes, and we need 4259840 .*max_payload/,
      );
      await small.dispose();
    });

    it('says which servers it tried when none answers in time', async () => {
      const bus = new NatsBus(connector({}, { servers: ['127.0.0.1:1'], startDeadlineMs: 300 }));
      await expect(bus.start()).rejects.toThrow('no NATS server at 127.0.0.1:1');
    });

    it('carries a manifest of the largest size, and refuses what the server would cut the connection for', async () => {
      const { asker, server: serving, logged } = await pair();
      serving.serve(push, async ({ payload }) => payload.length);
      serving.serve(bytes, async ({ size }) => ({ payload: new Uint8Array(size) }));
      await Promise.all([serving.start(), asker.start()]);
      const largest = new Uint8Array(4 * 1024 * 1024);
      expect(await asker.request(push, { payload: largest })).toBe(largest.length);
      const tooLarge = { payload: new Uint8Array(9 * 1024 * 1024) };
      await expect(asker.request(push, tooLarge)).rejects.toMatchObject({
        code: 'SIZE_INVALID',
        status: 413,
      });
      await expect(asker.request(bytes, { size: 9 * 1024 * 1024 })).rejects.toMatchObject({
        code: 'UNKNOWN',
      });
      expect(logged).toHaveLength(1);
      expect(await asker.request(push, { payload: new Uint8Array(1) })).toBe(1);
      await Promise.all([serving.close(), asker.close()]);
    });

    it('answers a batch whose answers together are larger than one message', async () => {
      const { asker, server: serving } = await pair();
      serving.serve(bytes, async ({ size }) => ({ payload: new Uint8Array(size) }));
      await Promise.all([serving.start(), asker.start()]);
      const sizes = Array.from({ length: 100 }, (_, n) => n * 3000);
      const answers = await Promise.all(sizes.map((size) => asker.request(bytes, { size })));
      expect(answers.map(({ payload }) => payload.length)).toEqual(sizes);
      await Promise.all([serving.close(), asker.close()]);
    });

    it('shares the questions of a subject between all that serve it', async () => {
      const { asker, server: one } = await pair();
      const { server: two } = await pair();
      one.serve(whoAreYou, async () => 'one');
      two.serve(whoAreYou, async () => 'two');
      await Promise.all([one.start(), two.start(), asker.start()]);
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => asker.request(whoAreYou, n)));
      expect(new Set(answers)).toEqual(new Set(['one', 'two']));
      await one.close();
      expect(new Set(await Promise.all([1, 2, 3].map((n) => asker.request(whoAreYou, n))))).toEqual(
        new Set(['two']),
      );
      await Promise.all([two.close(), asker.close()]);
    });

    it('answers UNKNOWN to a foreign message, and goes on', async () => {
      const { asker, server: serving, metrics } = await pair();
      serving.serve(whoAreYou, async () => 'me');
      await Promise.all([serving.start(), asker.start()]);
      const stranger = await connect({
        servers: server.url,
        inboxPrefix: '_INBOX_stranger.manifest-service',
      });
      const reply = await stranger.request('longshore.test.who', 'nonsense', { timeout: 2_000 });
      expect(reply.string()).toContain('the question is malformed');
      expect(await asker.request(whoAreYou, 1)).toBe('me');
      await Promise.all([stranger.close(), serving.close(), asker.close()]);
      expect(await recorded(metrics)).toEqual({ UNKNOWN: 1, ok: 1 });
    });

    it('closes while the server is away', async () => {
      const own = await startNatsServer();
      const bus = new NatsBus(connector({}, { servers: [own.url] }));
      bus.serve(whoAreYou, async () => 'me');
      await bus.start();
      await own.stop();
      const [waiting] = await Promise.all([
        bus.request(whoAreYou, 1).catch((error: unknown) => error),
        bus.close(),
      ]);
      expect(waiting).toMatchObject({ code: 'UNAVAILABLE' });
      await own.dispose();
    });

    it('survives a restart of the server: questions asked meanwhile wait for it, look-ups are asked again', async () => {
      const { asker, server: serving } = await pair();
      const held = Promise.withResolvers<void>();
      serving.serve(whoAreYou, async () => 'back');
      serving.serve(bytes, async ({ size }) => {
        await held.promise;
        return { payload: new Uint8Array(size) };
      });
      await Promise.all([serving.start(), asker.start()]);
      const lookUp = asker.request(bytes, { size: 5 });
      await sleep(50);
      await server.stop();
      held.resolve();
      await sleep(100);
      await expect(asker.ready()).rejects.toThrow('not connected');
      const meanwhile = asker.request(whoAreYou, 1);
      await expect(asker.request(whoAreYou, 2, { deadlineMs: 50 })).rejects.toBeInstanceOf(OciError);
      await server.restart();
      expect((await lookUp).payload.length).toBe(5);
      expect(await meanwhile).toBe('back');
      await asker.ready();
      await Promise.all([serving.close(), asker.close()]);
    });
  });
});
