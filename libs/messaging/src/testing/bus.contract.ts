import { setTimeout as sleep } from 'node:timers/promises';
import { OciError } from '@longshore/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../bus.ts';
import { describeEndings } from './bus-endings.contract.ts';
import { type BusUnderTest, echo, lookUp, narrow, type Serving } from './bus-fixture.ts';

export type BusFactory = () => Promise<BusUnderTest>;

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
    const outside = Promise.race([asked, sleep(100, 'waiting')]);
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
