import { describe, expect, it } from 'vitest';
import { ascendingIds } from './event-id.ts';

const many = (next: () => string): string[] => Array.from({ length: 10_000 }, next);

describe('ascendingIds', () => {
  it('makes UUIDs of version 7 that begin with the time', () => {
    const id = ascendingIds(() => 0x01_23_45_67_89_ab)();
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('ascends within one millisecond, even when its counter overflows', () => {
    const ids = many(ascendingIds(() => 1_700_000_000_000));
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ascends while the clock is set back', () => {
    let now = 1_700_000_000_000;
    const ids = many(ascendingIds(() => (now -= 1)));
    expect(ids).toEqual(ids.toSorted());
  });
});
