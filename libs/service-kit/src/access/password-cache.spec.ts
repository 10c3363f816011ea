import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newAccessToken, userNamed, VoidMarks } from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import { type Login, PasswordCache } from './password-cache.ts';

const login = (username: string, password: string, address = '192.0.2.1'): Login => ({
  username,
  password,
  address,
});

/** An auth-service that knows only ann, and counts the questions. */
function accounts() {
  const asked: string[] = [];
  const known = { ann: 'secret' };
  const cache = new PasswordCache(async ({ username, password }) => {
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
    expect(await cache.check(login('ann', 'secret'))).toEqual(userNamed('ann'));
    expect(await cache.check(login('ann', 'secret'))).toEqual(userNamed('ann'));
    expect(asked).toHaveLength(1);
  });

  it('rejects a password that was changed more than half a minute ago', async () => {
    const { cache, known } = accounts();
    await cache.check(login('ann', 'secret'));
    known.ann = 'another';
    vi.advanceTimersByTime(30_001);
    expect(await cache.check(login('ann', 'secret'))).toBeUndefined();
  });

  it('asks again as soon as a mark voids the password, and not for the one that the mark keeps', async () => {
    const marks = new VoidMarks();
    const known = { secret: 'print-1' };
    let asked = 0;
    const cache = new PasswordCache(async ({ password }) => {
      asked += 1;
      return password === 'secret' ? { subject: 'ann', fingerprint: known.secret } : { refused: true };
    }, marks);
    const enter = () => cache.check(login('ann', 'secret'));
    await enter();
    marks.apply([{ kind: 'password', name: 'ann', before: Date.now() + 1, keeps: 'print-1' }]);
    await enter();
    expect(asked).toBe(1);
    marks.apply([{ kind: 'password', name: 'ann', before: Date.now() + 1, keeps: 'print-2' }]);
    known.secret = 'print-2';
    await enter();
    await enter();
    expect(asked).toBe(2);
    marks.apply([{ kind: 'user', name: 'ann', before: Date.now() + 1 }]);
    await enter();
    expect(asked).toBe(3);
  });

  it('remembers an access token until it expires or is revoked, and its checks wait for no other token', async () => {
    const marks = new VoidMarks();
    const secrets = Array.from({ length: 8 }, () => newAccessToken('robot').secret);
    let asked = 0;
    const expiresAt = Date.now() + 10_000;
    const cache = new PasswordCache(async ({ password }) => {
      asked += 1;
      await Promise.resolve();
      const id = `token ${secrets.indexOf(password)}`;
      const identity = {
        ...userNamed('ci'),
        kind: 'robot',
        credential: { kind: 'access-token', id },
      } as const;
      return { subject: 'ci', identity, expiresAt };
    }, marks);
    const enter = (index: number) => cache.check(login('token', secrets[index] ?? ''));
    const all = await Promise.all(secrets.map((_, index) => enter(index)));
    expect(all.map((identity) => identity?.credential.id)).toEqual(
      secrets.map((_, index) => `token ${index}`),
    );
    expect((await enter(0))?.kind).toBe('robot');
    expect(asked).toBe(8);
    marks.apply([{ kind: 'credential', name: 'token 0', before: Date.now() }]);
    await enter(0);
    await enter(1);
    expect(asked).toBe(9);
    vi.advanceTimersByTime(10_001);
    await enter(1);
    expect(asked).toBe(10);
  });

  it('asks for a wrong password each time', async () => {
    const { cache, asked } = accounts();
    expect(await cache.check(login('ann', 'wrong'))).toBeUndefined();
    expect(await cache.check(login('ann', 'wrong'))).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('asks once for many who come at the same time', async () => {
    const { cache, asked } = accounts();
    const all = await Promise.all(Array.from({ length: 50 }, () => cache.check(login('ann', 'secret'))));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toEqual(userNamed('ann'));
    expect(asked).toHaveLength(1);
  });

  it('distinguishes pairs of name and password with the same letters', async () => {
    const { cache } = accounts();
    await cache.check(login('ann', 'secret'));
    expect(await cache.check(login('anns', 'ecret'))).toBeUndefined();
  });

  it('forgets a failure of the service: the next one asks again', async () => {
    let away = true;
    const cache = new PasswordCache(async () => {
      if (away) throw new Error('away');
      return { subject: 'ann' };
    });
    await expect(cache.check(login('ann', 'secret'))).rejects.toThrow('away');
    away = false;
    expect(await cache.check(login('ann', 'secret'))).toEqual(userNamed('ann'));
  });

  it('looks at no password of an account from an address that has to wait, not even at one it knows', async () => {
    let tooMany = false;
    const asked: string[] = [];
    const cache = new PasswordCache(async ({ password, address }) => {
      asked.push(`${password} ${address}`);
      if (tooMany && address === '192.0.2.1')
        throw new OciError('TOOMANYREQUESTS', undefined, { headers: { 'retry-after': '3' } });
      return password === 'secret' ? { subject: 'ann' } : { refused: true };
    });
    await cache.check(login('ann', 'secret'));
    tooMany = true;
    await expect(cache.check(login('ann', 'wrong'))).rejects.toMatchObject({ status: 429 });
    await expect(cache.check(login('ann', 'secret'))).rejects.toMatchObject({ status: 429 });
    expect(await cache.check(login('ann', 'secret', '192.0.2.2'))).toEqual(userNamed('ann'));
    expect(await cache.check(login('bob', 'wrong', '192.0.2.2'))).toBeUndefined();
    expect(asked).toHaveLength(3);
    vi.advanceTimersByTime(3001);
    expect(await cache.check(login('ann', 'secret'))).toEqual(userNamed('ann'));
  });

  it('asks about few passwords of an account from one address at the same time', async () => {
    const { cache, asked } = accounts();
    const guesses = Array.from({ length: 20 }, (_, index) => cache.check(login('ann', `wrong-${index}`)));
    const answers = await Promise.allSettled([...guesses, cache.check(login('ann', 'secret', '192.0.2.2'))]);
    expect(asked).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(16);
    expect(answers.at(-1)).toEqual({ status: 'fulfilled', value: userNamed('ann') });
  });
});
