import { AsyncLocalStorage } from 'node:async_hooks';
import { createLogger, rootSpan, startTelemetry } from '@longshore/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Outages } from './outages.ts';

const full = { what: 'the store', why: 'filesystem: full (uploads/1): ENOSPC' } as const;
const fullAgain = { what: 'the store', why: 'filesystem: full (uploads/2): ENOSPC' } as const;
const gone = { what: 'the store', why: 'filesystem: unavailable (uploads/3): EIO' } as const;

let lines: Record<string, unknown>[] = [];
let outages: Outages;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  outages = new Outages(createLogger({}, { write }));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('Outages', () => {
  it('reports an outage once with its reason, however many requests fail', () => {
    for (const outage of [full, fullAgain, full]) outages.note(outage, { request: 'r1' });
    expect(lines).toMatchObject([{ level: 'error', away: 'the store', why: full.why, request: 'r1' }]);
  });

  it('reports another reason, and another dependency', () => {
    outages.note(full, {});
    outages.note(gone, {});
    outages.note({ what: 'the database', why: 'connect ECONNREFUSED' }, {});
    expect(lines.map(({ away }) => away)).toEqual(['the store', 'the store', 'the database']);
  });

  it('reports its end with the number of failed requests, and starts over afterwards', () => {
    outages.note(full, {});
    vi.advanceTimersByTime(30_000);
    outages.note(full, {});
    vi.advanceTimersByTime(50_000);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    expect(lines[1]).toMatchObject({ level: 'info', away: 'the store', failed: 2, seconds: 30 });
    outages.note(full, {});
    expect(lines).toHaveLength(3);
  });

  it('reports its end outside the trace of the request that failed first', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: 'http://127.0.0.1:9' });
    // A timer of Node runs in the context that made it; a fake one runs in that of the test.
    const fake = globalThis.setInterval;
    vi.spyOn(globalThis, 'setInterval').mockImplementation((work, milliseconds) =>
      fake(AsyncLocalStorage.bind(work), milliseconds),
    );
    rootSpan('request', {})?.run(() => outages.note(full, {}));
    vi.advanceTimersByTime(120_000);
    expect(lines.map((line) => 'trace_id' in line)).toEqual([true, false]);
    await telemetry.shutdown();
  });
});
