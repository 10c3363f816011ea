import { OciError } from '@longshore/oci';
import { StorageError } from '@longshore/storage';

/** What a failing store means to a client (one table for all drivers). Undefined: a fault of ours, answered 500. */
export function storageRefusal(fault: unknown): OciError | undefined {
  if (!(fault instanceof StorageError)) return undefined;
  switch (fault.kind) {
    case 'throttled':
    case 'unavailable':
    case 'full': {
      const seconds = String(Math.ceil(fault.retryAfterSeconds ?? 5));
      return new OciError(
        'UNAVAILABLE',
        { reason: `storage: ${fault.kind}` },
        { headers: { 'retry-after': seconds }, cause: fault },
      );
    }
    case 'invalid-range':
      return new OciError('RANGE_INVALID', undefined, { cause: fault });
    case 'absent':
    case 'denied':
    case 'corrupt':
    case 'invalid-path':
      return undefined;
  }
}
