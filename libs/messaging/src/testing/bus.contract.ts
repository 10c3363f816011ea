import { OciError } from '@longshore/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../bus.ts';
import { defineRequest } from '../request.ts';

/** The two ends of one bus, which may be the same object, and the errors that its servers logged. */
interface BusUnderTest {
  readonly asker: Bus;
  readonly server: Bus;
  readonly logged: unknown[];
}

export type BusFactory = () => Promise<BusUnderTest>;

interface Echo {
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly list?: readonly Uint8Array[];
}

const parties = { servedBy: 'manifest-service', askedBy: ['api-gateway'] } as const;
const echo = defineRequest<Echo, Echo>({ subject: 'test.echo', ...parties, deadlineMs: 5_000 });
const lookUp = defineRequest<number, number>({
  subject: 'test.look-up',
  ...parties,
  deadlineMs: 5_000,
  lookup: true,
});
const narrow = defineRequest<number, number>({
  subject: 'test.narrow',
  ...parties,
  deadlineMs: 5_000,
  limits: { concurrency: 1, queue: 1 },
});

const until = async (condition: () => boolean): Promise<void> => {
  const end = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never became true');
    await new Promise((resolve) => void setTimeout(resolve, 2));
  }
};

/** Tests the contract that the comments of `Bus` describe. */
export function describeBus(name: string, factory: BusFactory): void {
  describe(`Bus (${name})`, () => {
    let bus: BusUnderTest;
    beforeEach(async () => {
      bus = await factory();
    });
    afterEach(async () => {
      await bus.asker.close();
      await bus.server.close();
    });

    const serving = async <T>(register: (server: Bus) => T): Promise<T> => {
      const registered = register(bus.server);
      await bus.server.start();
      await bus.asker.start();
      return registered;
    };

    describeAnswers(() => bus, serving);
    describeRefusals(() => bus, serving);
    describeEndings(() => bus, serving);
  });
}

type Serving = <T>(register: (server: Bus) => T) => Promise<T>;

function describeAnswers(bus: () => BusUnderTest, serving: Serving): void {
  it('carries values with bytes anywhere in them, both ways', async () => {
    await serving((server) => server.serve(echo, async (question) => question));
    const question = {
      text: 'é',
      bytes: new Uint8Array([0, 255]),
      list: [new Uint8Array(), new Uint8Array([1])],
    };
    const answer = await bus().asker.request(echo, question);
    expect(answer.text).toBe('é');
    expect([...(answer.bytes ?? [])]).toEqual([0, 255]);
    expect(answer.list?.map((bytes) => Array.from(bytes))).toEqual([[], [1]]);
  });

  it('answers a thousand look-ups at once, each with its own answer', async () => {
    await serving((server) => server.serve(lookUp, async (n) => n * 2));
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, n) => bus().asker.request(lookUp, n)));
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, n) => n * 2));
  });

  it('gives each look-up its own error', async () => {
    await serving((server) =>
      server.serve(lookUp, async (n) => {
        if (n % 2) throw new OciError('MANIFEST_UNKNOWN', { n });
        return n;
      }),
    );
    const asked = await Promise.allSettled([1, 2, 3].map((n) => bus().asker.request(lookUp, n)));
    expect(asked).toMatchObject([
      { reason: { code: 'MANIFEST_UNKNOWN', entries: [{ detail: { n: 1 } }] } },
      { value: 2 },
      { reason: { code: 'MANIFEST_UNKNOWN', entries: [{ detail: { n: 3 } }] } },
    ]);
  });

  it('answers a quick look-up while its neighbour is slow', async () => {
    const slow = Promise.withResolvers<number>();
    await serving((server) => server.serve(lookUp, (n) => (n === 0 ? slow.promise : Promise.resolve(n))));
    const waiting = bus().asker.request(lookUp, 0);
    expect(await bus().asker.request(lookUp, 1)).toBe(1);
    const [, quick] = [bus().asker.request(lookUp, 2), bus().asker.request(lookUp, 3)];
    expect(await quick).toBe(3);
    slow.resolve(10);
    expect(await waiting).toBe(10);
  });

  it('refuses to serve a subject twice', () => {
    bus().server.serve(echo, async (question) => question);
    expect(() => bus().server.serve(echo, async (question) => question)).toThrow(
      'test.echo is served already',
    );
  });
}

function describeRefusals(bus: () => BusUnderTest, serving: Serving): void {
  it('brings an OciError over whole', async () => {
    const details = [{ digest: 'sha256:a' }, { digest: 'sha256:b' }];
    const options = { headers: { 'X-Why': 'because' }, status: 418 };
    await serving((server) =>
      server.serve(echo, () => Promise.reject(OciError.listing('MANIFEST_BLOB_UNKNOWN', details, options))),
    );
    const error: unknown = await bus()
      .asker.request(echo, {})
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OciError);
    expect(error).toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
      entries: details.map((detail) => ({ code: 'MANIFEST_BLOB_UNKNOWN', detail })),
      ...options,
    });
    expect(bus().logged).toEqual([]);
  });

  it('says UNKNOWN of any other failure, and keeps the cause on the side of the server', async () => {
    await serving((server) =>
      server.serve(echo, () => Promise.reject(new Error('canary: relation "x" is missing'))),
    );
    const error: unknown = await bus()
      .asker.request(echo, {})
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OciError);
    expect(error).toMatchObject({ code: 'UNKNOWN', status: 500 });
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error)).not.toContain('canary');
    expect(bus().logged).toMatchObject([
      { subject: 'test.echo', err: { message: expect.stringContaining('canary') } },
    ]);
  });

  it('is UNAVAILABLE, with Retry-After, when nobody serves the subject', async () => {
    await serving(() => undefined);
    for (const asked of [bus().asker.request(echo, {}), bus().asker.request(lookUp, 1)]) {
      await expect(asked).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        status: 503,
        headers: { 'retry-after': '1' },
      });
    }
  });

  it('is UNAVAILABLE at once when as much runs and waits as may', async () => {
    const held = Promise.withResolvers<void>();
    await serving((server) => server.serve(narrow, (n) => held.promise.then(() => n)));
    const asked = Promise.allSettled([1, 2, 3, 4].map((n) => bus().asker.request(narrow, n)));
    const outside = Promise.race([asked, new Promise((resolve) => void setTimeout(resolve, 100, 'waiting'))]);
    expect(await outside).toBe('waiting');
    held.resolve();
    expect(await asked).toMatchObject([
      { value: 1 },
      { value: 2 },
      { reason: { code: 'UNAVAILABLE', headers: { 'retry-after': '1' } } },
      { reason: { code: 'UNAVAILABLE' } },
    ]);
    expect(await bus().asker.request(narrow, 5)).toBe(5);
  });
}

function describeEndings(bus: () => BusUnderTest, serving: Serving): void {
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
    await new Promise((resolve) => void setTimeout(resolve, 50));
    held.resolve();
    expect(await first).toBe(1);
    expect(await bus().asker.request(narrow, 4)).toBe(4);
    expect(handled).toEqual([1, 4]);
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
