import { randomUUID } from 'node:crypto';
import { type ObjectKey, objectKey } from '../object-key.ts';

/** Returns the key of a new upload. */
export function newKey(): ObjectKey {
  return objectKey(`uploads/${randomUUID()}`);
}
