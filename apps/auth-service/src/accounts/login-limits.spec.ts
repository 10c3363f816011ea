import { OciError } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import { clientNetwork } from '@longshore/service-kit';
import { LoginLimits, type Attempt } from './login-limits.ts';

const from = (address: string, username: string): Attempt => ({ address, username });

function limits() {
  let now = 1_000_000;
  const by = new LoginLimits(() => now);
  const refusal = (attempt: Attempt): OciError | undefined => {
    try {
      by.check(attempt);
      return undefined;
    } catch (error) {
      if (error instanceof OciError) return error;
      throw error;
    }
  };
  return {
    by,
    refusal,
    pass: (milliseconds: number) => (now += milliseconds),
    /** @returns the number of wrong passwords that were compared */
    fail: (times: number, attempt: (index: number) => Attempt): number => {
      let looked = 0;
      for (let index = 0; index < times; index++) {
        if (refusal(attempt(index)) !== undefined) continue;
        by.begin(attempt(index));
        looked += 1;
      }
      return looked;
    },
  };
}

describe('LoginLimits', () => {
  it('allows ten attempts on one account from one address, then one every ten seconds', () => {
    const { fail, refusal, pass } = limits();
    expect(fail(100, () => from('192.0.2.1', 'ann'))).toBe(10);
    const refused = refusal(from('192.0.2.1', 'ann'));
    expect([refused?.status, refused?.code, refused?.headers]).toEqual([
      429,
      'TOOMANYREQUESTS',
      { 'retry-after': '10' },
    ]);
    pass(10_000);
    expect(fail(100, () => from('192.0.2.1', 'ann'))).toBe(1);
    pass(3_600_000);
    expect(fail(100, () => from('192.0.2.1', 'ann'))).toBe(10);
  });

  it('does not limit other accounts of the address, nor the account from elsewhere', () => {
    const { fail, refusal } = limits();
    fail(100, () => from('192.0.2.1', 'ann'));
    expect(refusal(from('192.0.2.1', 'bob'))).toBeUndefined();
    expect(refusal(from('192.0.2.2', 'ann'))).toBeUndefined();
  });

  it('limits one address that tries many accounts, known or not', () => {
    const { fail, refusal, pass } = limits();
    expect(fail(500, (index) => from('192.0.2.1', `name-${index}`))).toBe(60);
    expect(refusal(from('192.0.2.1', 'bob'))?.headers['retry-after']).toBe('1');
    pass(5000);
    expect(fail(500, (index) => from('192.0.2.1', `other-${index}`))).toBe(5);
  });

  it('limits one account that is tried from many addresses, except those where it has logged in', () => {
    const { by, fail, refusal } = limits();
    by.begin(from('192.0.2.200', 'ann')).succeeded();
    expect(fail(500, (index) => from(`198.51.${index >> 8}.${index & 255}`, 'ann'))).toBe(60);
    expect(refusal(from('203.0.113.1', 'ann'))).toBeDefined();
    expect(refusal(from('192.0.2.200', 'ann'))).toBeUndefined();
    expect(by.flows(from('192.0.2.200', 'ann'))).toHaveLength(1);
    expect(by.flows(from('203.0.113.1', 'ann'))).toHaveLength(2);
  });

  it('counts concurrent attempts, and none that succeeds or is cancelled', () => {
    const { by, refusal } = limits();
    const running = Array.from({ length: 10 }, () => by.begin(from('192.0.2.1', 'ann')));
    expect(refusal(from('192.0.2.1', 'ann'))).toBeDefined();
    running[0]?.cancelled();
    expect(refusal(from('192.0.2.1', 'ann'))).toBeUndefined();
    by.begin(from('192.0.2.1', 'ann'));
    expect(refusal(from('192.0.2.1', 'ann'))).toBeDefined();
    running[1]?.succeeded();
    expect(refusal(from('192.0.2.1', 'ann'))).toBeUndefined();
  });

  it('limits the work of wrong passwords of one address: two seconds of CPU time, then a twentieth of a core', () => {
    const { by, refusal, pass } = limits();
    const expensive = (index: number): Attempt => from('192.0.2.1', `name-${index}`);
    let compared = 0;
    const flood = (): void => {
      for (let index = 0; index < 50; index++) {
        if (refusal(expensive(index)) !== undefined) return;
        by.worked(expensive(index), 300);
        compared += 1;
      }
    };
    flood();
    expect(compared).toBe(7);
    expect(refusal(expensive(99))?.headers['retry-after']).toBe('3');
    for (let second = 0; second < 60; second++) {
      pass(1000);
      flood();
    }
    expect(compared).toBe(7 + 10);
    expect(refusal(from('192.0.2.2', 'bob'))).toBeUndefined();
  });

  it('does not let the work of others lock out an address that has logged in to the account', () => {
    const { by, refusal } = limits();
    by.begin(from('192.0.2.1', 'ann')).succeeded();
    by.worked(from('192.0.2.1', 'bob'), 10_000);
    expect(refusal(from('192.0.2.1', 'ann'))).toBeUndefined();
    expect(refusal(from('192.0.2.1', 'bob'))).toBeDefined();
    expect(() => by.checkWork(from('192.0.2.1', 'ann'))).not.toThrow();
    expect(() => by.checkWork(from('192.0.2.1', 'bob'))).toThrow(OciError);
  });

  it('trusts an address for an account that it logged in to more than for others, and more than strangers', () => {
    const { by, pass } = limits();
    by.begin(from('192.0.2.1', 'ann')).succeeded();
    const standings = (): string[] =>
      [from('192.0.2.1', 'ann'), from('192.0.2.1', 'bob'), from('192.0.2.2', 'ann')].map((each) =>
        by.standing(each),
      );
    expect(standings()).toEqual(['known', 'neighbour', 'stranger']);
    pass(24 * 3_600_000);
    expect(standings()).toEqual(['stranger', 'stranger', 'stranger']);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1:2::3', '2001:db8:0:1::/64'],
    ['2001:DB8::1:ffff:ffff:192.0.2.1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('takes %s for the client %s', (address, client) => {
    expect(clientNetwork(address)).toBe(client);
  });
});
