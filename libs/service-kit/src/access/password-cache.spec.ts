import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PasswordCache } from './password-cache.ts';

/** An auth-service that knows ann only, and remembers how often it was asked. */
function accounts() {
  const asked: string[] = [];
  const known = { ann: 'secret' };
  const cache = new PasswordCache(async (username, password) => {
    asked.push(username);
    await Promise.resolve();
    return known.ann === password && username === 'ann' ? { subject: 'ann' } : { refused: true };
  });
  return { cache, asked, known };
}

describe('PasswordCache', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks for a right password once within half a minute', async () => {
    const { cache, asked } = accounts();
    expect(await cache.check('ann', 'secret')).toBe('ann');
    expect(await cache.check('ann', 'secret')).toBe('ann');
    expect(asked).toHaveLength(1);
  });

  it('lets nobody in by a password that was changed more than half a minute ago', async () => {
    const { cache, known } = accounts();
    await cache.check('ann', 'secret');
    known.ann = 'another';
    vi.advanceTimersByTime(30_001);
    expect(await cache.check('ann', 'secret')).toBeUndefined();
  });

  it('asks for a wrong password each time', async () => {
    const { cache, asked } = accounts();
    expect(await cache.check('ann', 'wrong')).toBeUndefined();
    expect(await cache.check('ann', 'wrong')).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('asks once for many who come at the same time', async () => {
    const { cache, asked } = accounts();
    const all = await Promise.all(Array.from({ length: 50 }, () => cache.check('ann', 'secret')));
    expect(new Set(all)).toEqual(new Set(['ann']));
    expect(asked).toHaveLength(1);
  });

  it('takes no pair of name and password for another with the same letters', async () => {
    const { cache } = accounts();
    await cache.check('ann', 'secret');
    expect(await cache.check('anns', 'ecret')).toBeUndefined();
  });

  it('forgets a failure of the service: the next one asks again', async () => {
    let away = true;
    const cache = new PasswordCache(async () => {
      if (away) throw new Error('away');
      return { subject: 'ann' };
    });
    await expect(cache.check('ann', 'secret')).rejects.toThrow('away');
    away = false;
    expect(await cache.check('ann', 'secret')).toBe('ann');
  });
});
