import { describe, expect, it, vi } from 'vitest';
import { StorageError } from './storage-error.ts';

/** Loads another copy of the package, as a driver brings it. */
async function otherCopy(): Promise<typeof StorageError> {
  vi.resetModules();
  const { StorageError: other } = await import('./storage-error.ts');
  return other;
}

describe('StorageError', () => {
  it('is recognized by another copy of the package', async () => {
    const Other = await otherCopy();
    const error: unknown = new Other('throttled', { driver: 'theirs', retryAfterSeconds: 3 });
    expect(Other).not.toBe(StorageError);
    expect(error instanceof StorageError && error.retryAfterSeconds).toBe(3);
  });

  it('is neither an error that only looks like it, nor one of a kind that this copy does not know', () => {
    const lookalike = Object.assign(new Error('no'), { name: 'StorageError', kind: 'absent' });
    expect(lookalike instanceof StorageError).toBe(false);
    const newer = Object.assign(new StorageError('absent', { driver: 'theirs' }), { kind: 'melted' });
    expect(newer instanceof StorageError).toBe(false);
  });
});
