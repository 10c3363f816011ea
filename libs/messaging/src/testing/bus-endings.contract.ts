import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Bus } from '../bus.ts';
import type { defineRequest } from '../request.ts';
import { type BusUnderTest, echo, lookUp, narrow, recorded, type Serving, until } from './bus-fixture.ts';

/** How questions end: by the deadline, by the asker, by the close of the bus. */
export function describeEndings(bus: () => BusUnderTest, serving: Serving): void {
  it.each([echoAs('one question', echo, {}), echoAs('one of a batch', lookUp, 1)])(
    "aborts the handler's signal and gives the asker its own reason when it gives up: $what",
    async ({ serve, ask }) => {
      const signals: AbortSignal[] = [];
      await serving((server) => serve(server, signals));
      const controller = new AbortController();
      const asked = ask(bus().asker, { signal: controller.signal });
      await until(() => signals.length === 1);
      expect(signals[0]?.aborted).toBe(false);
      controller.abort(new Error('the client left'));
      await expect(asked).rejects.toThrow('the client left');
      await until(() => signals[0]?.aborted === true);
      expect(bus().logged).toEqual([]);
    },
  );

  it.each([echoAs('one question', echo, {}), echoAs('one of a batch', lookUp, 1)])(
    "is UNAVAILABLE, and aborts the handler's signal, when the deadline is over: $what",
    async ({ serve, ask }) => {
      const signals: AbortSignal[] = [];
      await serving((server) => serve(server, signals));
      const asked = ask(bus().asker, { deadlineMs: 50 });
      await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', headers: { 'retry-after': '1' } });
      await until(() => signals[0]?.aborted === true);
    },
  );

  it('does not ask when the signal is aborted already', async () => {
    let calls = 0;
    await serving((server) => server.serve(lookUp, async () => (calls += 1)));
    const signal = AbortSignal.abort(new Error('gone before'));
    await expect(bus().asker.request(lookUp, 1, { signal })).rejects.toThrow('gone before');
    expect(await bus().asker.request(lookUp, 1)).toBe(1);
  });

  it('never handles a question whose deadline was over, or whose asker was gone, when its turn came', async () => {
    const held = Promise.withResolvers<void>();
    const handled: number[] = [];
    await serving((server) =>
      server.serve(narrow, async (n) => {
        handled.push(n);
        await held.promise;
        return n;
      }),
    );
    const first = bus().asker.request(narrow, 1);
    await until(() => handled.length === 1);
    await expect(bus().asker.request(narrow, 2, { deadlineMs: 30 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    const controller = new AbortController();
    const third = bus().asker.request(narrow, 3, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('left')), 30);
    await expect(third).rejects.toThrow('left');
    // The cancellation travels over the bus, too.
    await sleep(50);
    held.resolve();
    expect(await first).toBe(1);
    expect(await bus().asker.request(narrow, 4)).toBe(4);
    expect(handled).toEqual([1, 4]);
  });

  it('records each question once, also those that are refused or dropped', async () => {
    const held = Promise.withResolvers<void>();
    const handled: number[] = [];
    await serving((server) =>
      server.serve(narrow, async (n) => {
        handled.push(n);
        await held.promise;
        return n;
      }),
    );
    const first = bus().asker.request(narrow, 1);
    await until(() => handled.length === 1);
    const controller = new AbortController();
    const second = bus().asker.request(narrow, 2, { signal: controller.signal });
    const left = second.catch((error: unknown) => error);
    await expect(bus().asker.request(narrow, 3)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    controller.abort(new Error('left'));
    expect(await left).toMatchObject({ message: 'left' });
    // Finds the queue full, and takes the place of the second.
    const fourth = bus().asker.request(narrow, 4);
    await expect(bus().asker.request(narrow, 5)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    held.resolve();
    expect(await Promise.all([first, fourth])).toEqual([1, 4]);
    await bus().server.close();
    expect(await recorded(bus().metrics)).toEqual({ ok: 2, UNAVAILABLE: 3 });
  });

  it('lets running handlers end and their answers leave when it closes', async () => {
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<number>();
    await serving((server) =>
      server.serve(lookUp, () => {
        begun.resolve();
        return held.promise;
      }),
    );
    const asked = bus().asker.request(lookUp, 1);
    await begun.promise;
    const closing = bus().server.close();
    setTimeout(() => held.resolve(7), 30);
    expect(await asked).toBe(7);
    await closing;
    await expect(bus().asker.request(lookUp, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is ready between start and close', async () => {
    await serving(() => undefined);
    await bus().asker.ready();
    await bus().asker.close();
    await expect(bus().asker.ready()).rejects.toThrow(/closed/);
    await bus().asker.close();
  });
}

interface Asked {
  readonly what: string;
  readonly serve: (server: Bus, signals: AbortSignal[]) => void;
  readonly ask: (asker: Bus, options: { signal?: AbortSignal; deadlineMs?: number }) => Promise<unknown>;
}

/** A contract whose handler ends only when its signal is aborted. */
function echoAs<Q, R>(what: string, contract: ReturnType<typeof defineRequest<Q, R>>, question: Q): Asked {
  return {
    what,
    serve: (server, signals) =>
      server.serve(contract, (_question, { signal }) => {
        signals.push(signal);
        return new Promise<R>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        });
      }),
    ask: (asker, options) => asker.request(contract, question, options),
  };
}
