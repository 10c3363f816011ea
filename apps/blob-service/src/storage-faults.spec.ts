import { StorageError } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { storageRefusal } from './storage-faults.ts';

const refusal = (kind: StorageError['kind'], retryAfterSeconds?: number) =>
  storageRefusal(new StorageError(kind, { driver: 'x', reason: 'bucket secret', retryAfterSeconds }));

describe('storageRefusal', () => {
  it('asks to retry later if the store is busy, at the time that the store gives', () => {
    expect(refusal('throttled', 2.5)).toMatchObject({ status: 503, headers: { 'retry-after': '3' } });
    expect(refusal('unavailable')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(refusal('full')).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
    expect(refusal('read-only')).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
  });

  it('reveals nothing of the store', () => {
    expect(refusal('throttled')?.body()).not.toContain('secret');
    expect(refusal('throttled')?.outage?.why).toContain('bucket secret');
  });

  it.each(['absent', 'denied', 'corrupt', 'invalid-path'] as const)(
    'treats "%s" as our own fault',
    (kind) => {
      expect(refusal(kind)).toBeUndefined();
    },
  );

  it('ignores other faults', () => {
    expect(storageRefusal(new Error('absent'))).toBeUndefined();
  });
});
