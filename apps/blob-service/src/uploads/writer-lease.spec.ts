import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeaseLost, leaseSeconds, WriterLease } from './writer-lease.ts';

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe('WriterLease', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is renewed well before its end, as long as the request lives', async () => {
    const renewals: string[] = [];
    const lease = new WriterLease('me', async (writer) => renewals.push(writer) > 0);
    await pass(leaseSeconds);
    expect(renewals.length).toBeGreaterThanOrEqual(3);
    expect(new Set(renewals)).toEqual(new Set(['me']));
    await pass(3600);
    expect(lease.signal.aborted).toBe(false);
    await lease[Symbol.asyncDispose]();
  });

  it('stops the write at once when the session belongs to another writer', async () => {
    await using lease = new WriterLease('me', async () => false);
    await pass(leaseSeconds / 5);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLost);
  });

  it('survives a short outage of the database', async () => {
    let calls = 0;
    await using lease = new WriterLease('me', async () => {
      calls += 1;
      if (calls === 1) throw new Error('away');
      return true;
    });
    await pass(leaseSeconds * 2);
    expect(lease.signal.aborted).toBe(false);
  });

  it('stops the write before another request may claim the session, if no renewal succeeds', async () => {
    await using lease = new WriterLease('me', () => Promise.reject(new Error('away')));
    await pass(leaseSeconds - 1);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLost);
  });

  it('stops the write in time when renewals hang', async () => {
    const lease = new WriterLease('me', () => new Promise(() => undefined));
    await pass(leaseSeconds - 1);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLost);
  });

  it('is not renewed after the request', async () => {
    let calls = 0;
    const lease = new WriterLease('me', async () => (calls += 1) > 0);
    await lease[Symbol.asyncDispose]();
    await pass(60);
    expect(calls).toBe(0);
  });
});
