import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OssFault, type OssServer, startOss } from './index.ts';
import { elementOf, signedExchange } from './signed-exchange.ts';

let oss: OssServer;
let clear = (): void => undefined;

const content = 'x'.repeat(300_000);

beforeAll(async () => {
  oss = await startOss();
  await put('object');
});

afterEach(() => clear());

afterAll(() => oss.stop());

const put = (key: string) => signedExchange(oss, key, { method: 'PUT', body: content });
const get = () => signedExchange(oss, 'object');

function inject(fault: OssFault): void {
  const injected = oss.fault(fault);
  clear = () => injected.clear();
}

describe('a fault', () => {
  it.each([
    ['slow-down', 503, 'SlowDown'],
    ['unavailable', 503, 'ServiceUnavailable'],
    ['refuse-credentials', 403, 'InvalidAccessKeyId'],
  ] as const)('can be %s', async (kind, status, code) => {
    inject({ kind });
    const answer = await get();
    expect([answer.status, elementOf(answer, 'Code')]).toEqual([status, code]);
    clear();
    expect((await get()).status).toBe(200);
  });

  it('can be limited to some operations, half of all calls, or a number of calls', async () => {
    inject({ kind: 'slow-down', operations: ['GetObject'], every: 2, times: 2 });
    expect((await put('other')).status).toBe(200);
    const statuses: number[] = [];
    for (let call = 0; call < 6; call++) {
      statuses.push((await get()).status);
    }
    expect(statuses).toEqual([200, 503, 200, 503, 200, 200]);
  });

  it.each(['reset', 'short-body'] as const)('can break an answer off: %s', async (kind) => {
    inject({ kind, afterBytes: 100_000 });
    await expect(get()).rejects.toThrow(/aborted|ECONNRESET|hang up/);
  });

  it('can reset before an answer', async () => {
    inject({ kind: 'reset' });
    await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('can answer with fewer bytes than there are', async () => {
    inject({ kind: 'truncated-body', afterBytes: 1000 });
    expect((await get()).body).toHaveLength(1000);
  });

  it('can break off a request body, which leaves nothing stored', async () => {
    inject({ kind: 'reset', operations: ['PutObject'], afterBytes: 100_000 });
    await expect(put('broken')).rejects.toThrow(/ECONNRESET|EPIPE|hang up/);
    clear();
    expect((await signedExchange(oss, 'broken')).status).toBe(404);
  });

  it.each([undefined, 1000])('can stall until it is cleared (after %s bytes)', async (afterBytes) => {
    inject({ kind: 'stall', ...(afterBytes === undefined ? {} : { afterBytes }) });
    const answers = Promise.all([get(), put('stalled')]);
    const first = await Promise.race([answers, sleep(100, 'nothing')]);
    expect(first).toBe('nothing');
    clear();
    const [read, written] = await answers;
    expect([read.body.length, written.status]).toEqual([content.length, 200]);
  });
});

describe('a server that was killed', () => {
  it('does not answer, and has its data after the restart', async () => {
    await oss.kill();
    await expect(get()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await oss.restart();
    expect((await get()).body.toString()).toBe(content);
  });
});

describe('the counters', () => {
  it('count every request by its operation, whatever became of it', async () => {
    oss.resetRequests();
    inject({ kind: 'slow-down', times: 1 });
    await get();
    await get();
    await signedExchange(oss, 'absent', { method: 'DELETE' });
    expect(oss.requests()).toEqual({ GetObject: 2, DeleteObject: 1 });
  });
});
