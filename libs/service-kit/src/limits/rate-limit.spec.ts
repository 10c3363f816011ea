import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Meters } from './meters.ts';
import { RateLimit } from './rate-limit.ts';

const window = 60_000;

function limitAt(start = 0, clients = 100) {
  const clock = { now: start };
  const rule = { window, anonymous: 0, accounts: 0, exceptions: [] };
  const rate = new RateLimit({ name: 'requests', rule, clients, now: () => clock.now });
  const look = (limit: number, key = 'a') => rate.look({ rate, payer: { key, whose: 'address' }, limit });
  const ask = (limit: number, key = 'a'): boolean => {
    const admitted = look(limit, key).wait === 0;
    if (admitted) rate.take({ rate, payer: { key, whose: 'address' }, limit });
    return admitted;
  };
  return { clock, rate, look, ask };
}

describe('RateLimit', () => {
  it('admits the whole limit at once, then evenly', () => {
    const { clock, look, ask } = limitAt();
    const answers = Array.from({ length: 5 }, () => ask(3));
    expect(answers).toEqual([true, true, true, false, false]);
    expect(look(3)).toEqual({ limit: 3, window, remaining: 0, wait: 20_000, reset: 60_000 });
    clock.now = 20_000;
    expect([ask(3), ask(3)]).toEqual([true, false]);
    clock.now = 80_000;
    expect(look(3)).toMatchObject({ remaining: 3, wait: 0, reset: 0 });
  });

  it.each([1, 3, 7, 100, 333, 1000, 99_999])('admits exactly %i at once', (limit) => {
    const { ask } = limitAt(123_456.789);
    let admitted = 0;
    while (ask(limit)) admitted += 1;
    expect(admitted).toBe(limit);
  });

  it('never admits more than the limit and what is regained, in any span of time, and admits who keeps to it', () => {
    assert(
      property(
        integer({ min: 1, max: 50 }),
        array(integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 300 }),
        (limit, pauses) => {
          const { clock, ask } = limitAt();
          const admitted: number[] = [];
          for (const pause of pauses) {
            clock.now += pause;
            if (ask(limit)) admitted.push(clock.now);
          }
          const excess = admitted.flatMap((first, from) =>
            admitted.slice(from).map((last, count) => count + 1 - limit * (1 + (last - first) / window)),
          );
          expect(Math.max(...excess)).toBeLessThanOrEqual(1e-6);
          clock.now += window;
          const steady = Array.from({ length: 3 * limit }, () => {
            clock.now += window / limit;
            return ask(limit);
          });
          expect(steady).not.toContain(false);
        },
      ),
    );
  });

  it('keeps clients apart', () => {
    const { ask } = limitAt();
    expect([ask(1, 'a'), ask(1, 'a'), ask(1, 'b')]).toEqual([true, false, true]);
  });

  it('bounds its memory, and a flood of new clients takes nothing from one that is at its limit', () => {
    const { clock, rate, ask } = limitAt(0, 1000);
    while (ask(100, 'greedy'));
    for (let client = 0; client < 50_000; client += 1) {
      clock.now += 0.001;
      ask(100, `client ${client}`);
    }
    expect(rate.clients).toBeLessThanOrEqual(1000);
    expect(ask(100, 'greedy')).toBe(false);
  });
});

describe('Meters', () => {
  it('forget those without use, without being full', () => {
    const meters = new Meters(100);
    for (let time = 0; time < 1000; time += 1) meters.add(`${time}`, { fullAt: time + 5 }, time);
    expect(meters.size).toBeLessThanOrEqual(10);
  });
});
