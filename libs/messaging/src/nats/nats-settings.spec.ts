import { describe, expect, it } from 'vitest';
import { maximumReconnectDelay, reconnectDelay } from './nats-settings.ts';

describe('reconnectDelay', () => {
  it('begins small, grows, and ends at the maximum', () => {
    const most = [0, 1, 2, 5, 6, 100, 10_000].map((attempt) => reconnectDelay(attempt, () => 1));
    expect(most).toEqual([100, 200, 400, 3200, 5000, 5000, 5000]);
    expect(reconnectDelay(1e9, () => 1)).toBe(maximumReconnectDelay);
  });

  it('spreads a fleet over half of its length', () => {
    expect(reconnectDelay(3, () => 0)).toBe(400);
    expect(reconnectDelay(3, () => 0.5)).toBe(600);
  });
});
