import { randomUUID } from 'node:crypto';
import { type ObjectKey, objectKey } from '../object-key.ts';

/** Of an upload that nobody else has. */
export function newKey(): ObjectKey {
  return objectKey(`uploads/${randomUUID()}`);
}
