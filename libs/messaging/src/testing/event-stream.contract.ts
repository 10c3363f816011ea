import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventStream, StreamEvent } from '../event-stream.ts';

const arrivals = (expected: number) => {
  const events: StreamEvent[] = [];
  const complete = Promise.withResolvers<StreamEvent[]>();
  const arrived = (event: StreamEvent) => {
    events.push(event);
    if (events.length === expected) complete.resolve(events);
  };
  return { events, arrived, complete: complete.promise };
};

/** Tests the contract that the comments of `EventStream` describe. The stream under test redelivers within 100 ms. */
export function describeEventStream(name: string, factory: () => Promise<EventStream>): void {
  describe(`EventStream (${name})`, () => {
    let stream: EventStream;
    beforeEach(async () => {
      stream = await factory();
    });
    afterEach(() => stream.close());

    it('hands each event to the consumer with its id and data', async () => {
      const { arrived, complete } = arrivals(2);
      stream.consume('notifier', async (event) => arrived(event));
      await stream.publish('id-1', { action: 'push' });
      await stream.publish('id-2', { action: 'delete' });
      const events = (await complete).toSorted((a, b) => a.id.localeCompare(b.id));
      expect(events).toEqual([
        { id: 'id-1', data: { action: 'push' }, attempt: 1 },
        { id: 'id-2', data: { action: 'delete' }, attempt: 1 },
      ]);
    });

    it('keeps events until a consumer comes', async () => {
      await stream.publish('early', 1);
      const { arrived, complete } = arrivals(1);
      stream.consume('notifier', async (event) => arrived(event));
      expect(await complete).toMatchObject([{ id: 'early' }]);
    });

    it('stores an id once', async () => {
      const { events, arrived, complete } = arrivals(2);
      stream.consume('notifier', async (event) => arrived(event));
      await stream.publish('same', 1);
      await stream.publish('same', 1);
      await stream.publish('other', 2);
      await complete;
      expect(events.map(({ id }) => id).toSorted()).toEqual(['other', 'same']);
    });

    it('delivers again, counting, until the handler succeeds, and not after that', async () => {
      const { events, arrived, complete } = arrivals(3);
      stream.consume('notifier', async (event) => {
        arrived(event);
        if (event.attempt < 3) throw new Error('not yet');
      });
      await stream.publish('stubborn', null);
      expect((await complete).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      await sleep(300);
      expect(events).toHaveLength(3);
    });

    it('goes on with other events while one fails', async () => {
      const { arrived, complete } = arrivals(20);
      stream.consume('notifier', async (event) => {
        if (event.id === 'poison') throw new Error('never');
        arrived(event);
      });
      await stream.publish('poison', null);
      await Promise.all(Array.from({ length: 20 }, (_, n) => stream.publish(`good-${n}`, n)));
      expect(await complete).toHaveLength(20);
    });

    it('waits for running handlers when it closes', async () => {
      const begun = Promise.withResolvers<void>();
      let ended = false;
      stream.consume('notifier', async () => {
        begun.resolve();
        await sleep(50);
        ended = true;
      });
      await stream.publish('slow', null);
      await begun.promise;
      await stream.close();
      expect(ended).toBe(true);
      await expect(stream.publish('late', null)).rejects.toThrow(/closed/);
    });
  });
}
