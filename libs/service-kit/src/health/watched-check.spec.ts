import { describe, expect, it } from 'vitest';
import { WatchedCheck } from './watched-check.ts';

const pace = { interval: 1000, timeout: 1000, threshold: 3 };
const { signal } = new AbortController();

describe('WatchedCheck', () => {
  it('is a problem until its first success, and tells why', async () => {
    const check = new WatchedCheck(() => Promise.reject(new Error('away')), pace);
    await expect(check.mustHold()).rejects.toThrow('was not checked yet');
    await check.attempt(signal);
    await expect(check.mustHold()).rejects.toThrow('away');
  });

  it('is no problem again until it has failed threshold times in a row', async () => {
    let away = false;
    const check = new WatchedCheck(async () => {
      if (away) throw new Error('away');
    }, pace);
    await check.attempt(signal);
    away = true;
    await check.attempt(signal);
    await check.attempt(signal);
    await expect(check.mustHold()).resolves.toBeUndefined();
    await check.attempt(signal);
    await expect(check.mustHold()).rejects.toThrow('away');
    away = false;
    await check.attempt(signal);
    await expect(check.mustHold()).resolves.toBeUndefined();
  });
});
