import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEventStream } from '../testing/event-stream.contract.ts';
import { natsServerIsMissing, startNatsServer, type TestNatsServer } from '../testing/nats-server.ts';
import { JetStreamEventStream } from './jetstream-event-stream.ts';
import { NatsConnector } from './nats-connector.ts';
import { streamName } from './subjects.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(natsServerIsMissing())('with a NATS server', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.dispose());

  const settings = () => ({ servers: [server.url], name: 'test', largestMessageBytes: 1024 });
  const stream = (options = {}) =>
    new JetStreamEventStream(new NatsConnector(settings(), silent), { delayAfter: () => 20, ...options });

  const deleteStream = async () => {
    const connection = await connect({ servers: server.url });
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(streamName).catch(() => false);
    await connection.close();
  };

  describeEventStream('JetStream', async () => {
    await deleteStream();
    return stream();
  });

  describe('JetStreamEventStream', () => {
    it('creates the stream again after it was wiped, for publishers and consumers', async () => {
      await deleteStream();
      const [publisher, consumer] = [stream(), stream()];
      const seen: string[] = [];
      consumer.consume('notifier', async ({ id }) => void seen.push(id));
      await publisher.publish('before', 1);
      await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['before']);
      await deleteStream();
      await publisher.publish('after', 2);
      await expect.poll(() => seen, { timeout: 15_000 }).toEqual(['before', 'after']);
      await Promise.all([publisher.close(), consumer.close()]);
    });

    it('goes on after the server lost its store and came back', async () => {
      const [publisher, consumer] = [stream(), stream()];
      const seen: string[] = [];
      consumer.consume('notifier', async ({ id }) => void seen.push(id));
      await publisher.publish('first', 1);
      await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['first']);
      await server.stop();
      server.wipe();
      await server.restart();
      const publishing = async () =>
        publisher.publish('second', 2).then(
          () => true,
          () => false,
        );
      await expect.poll(publishing, { timeout: 15_000 }).toBe(true);
      await expect.poll(() => seen, { timeout: 15_000 }).toEqual(['first', 'second']);
      await Promise.all([publisher.close(), consumer.close()]);
    });

    it('shares the events between the processes that consume under one name', async () => {
      await deleteStream();
      const [one, two] = [stream(), stream()];
      const seen = { one: 0, two: 0 };
      const slowly = (who: keyof typeof seen) => async () => {
        seen[who] += 1;
        await sleep(5);
      };
      one.consume('notifier', slowly('one'));
      two.consume('notifier', slowly('two'));
      const publisher = stream();
      await Promise.all(Array.from({ length: 200 }, (_, n) => publisher.publish(`event-${n}`, n)));
      await expect.poll(() => seen.one + seen.two, { timeout: 10_000 }).toBe(200);
      expect(Math.min(seen.one, seen.two)).toBeGreaterThan(0);
      await Promise.all([one.close(), two.close(), publisher.close()]);
    });

    it('refuses events when it is full, and loses none it has', async () => {
      await deleteStream();
      const publisher = stream({ maximumBytes: 4096 });
      await publisher.publish('kept', 'x'.repeat(2000));
      await expect(publisher.publish('refused', 'x'.repeat(3000))).rejects.toThrow(/maximum bytes/);
      const seen: string[] = [];
      publisher.consume('notifier', async ({ id }) => void seen.push(id));
      await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['kept']);
      await publisher.close();
    });
  });
});
