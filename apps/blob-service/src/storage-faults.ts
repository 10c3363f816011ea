import { OciError, unavailable } from '@longshore/oci';
import { StorageError } from '@longshore/storage';

/** Seconds after which a retry may succeed. Freeing disk space, or a remount, needs an operator. */
const patience = { throttled: 5, unavailable: 5, full: 30, 'read-only': 30 } as const;

/** Translates a storage failure for a client, the same way for all drivers. Undefined means our own fault, which is answered with 500. */
export function storageRefusal(fault: unknown): OciError | undefined {
  if (!(fault instanceof StorageError)) return undefined;
  switch (fault.kind) {
    case 'throttled':
    case 'unavailable':
    case 'read-only':
    case 'full': {
      const seconds = Math.ceil(fault.retryAfterSeconds ?? patience[fault.kind]);
      const outage = { what: 'the store', why: fault.message } as const;
      return unavailable({ reason: `storage: ${fault.kind}` }, seconds, { cause: fault, outage });
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
