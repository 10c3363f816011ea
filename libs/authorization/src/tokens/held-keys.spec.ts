import { describe, expect, it } from 'vitest';
import { HeldKeys } from './held-keys.ts';
import { type KeySet, KeySource } from './key-source.ts';

class Source extends KeySource {
  asked = 0;
  answer: KeySet | Error = { keys: [] };

  override keys(): Promise<KeySet> {
    this.asked++;
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
}

const first = { keys: [{ kty: 'RSA', kid: '1' }] };
const second = { keys: [{ kty: 'RSA', kid: '2' }] };

function held() {
  const source = new Source();
  const complaints: unknown[] = [];
  const clock = { now: 0 };
  const keys = new HeldKeys(source, {
    complain: (error) => void complaints.push(error),
    now: () => clock.now,
  });
  return { source, complaints, clock, keys };
}

describe('HeldKeys', () => {
  it('asks its source at most every two seconds', async () => {
    const { source, clock, keys } = held();
    source.answer = first;
    await Promise.all(Array.from({ length: 100 }, () => keys.keys()));
    clock.now = 1999;
    source.answer = second;
    expect(await keys.keys()).toEqual(first);
    expect(source.asked).toBe(1);
    clock.now = 2000;
    expect(await keys.keys()).toEqual(second);
    expect(source.asked).toBe(2);
  });

  it('returns the last keys as stale while its source is away, and complains once', async () => {
    const { source, complaints, clock, keys } = held();
    source.answer = first;
    await keys.keys();
    source.answer = new Error('away');
    for (clock.now = 2000; clock.now < 10_000; clock.now += 500)
      expect(await keys.keys()).toEqual({ ...first, stale: true });
    expect(source.asked).toBe(9);
    expect(complaints).toEqual([source.answer]);
    source.answer = second;
    expect(await keys.keys()).toEqual(second);
  });

  it('rejects while its source has never answered', async () => {
    const { source, complaints, keys } = held();
    source.answer = new Error('away');
    await expect(keys.keys()).rejects.toThrow('away');
    await expect(keys.keys()).rejects.toThrow('away');
    expect([source.asked, complaints.length]).toEqual([1, 1]);
  });
});
