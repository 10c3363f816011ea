import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { type Change, type Database, recordChange, transact, type Tx } from '@longshore/metadata';
import { version } from '../version.ts';

/**
 * Makes a change with its entry of the audit log, in one transaction, as the management API does. The actor is the user of the operating system.
 * @param action the id of the API's operation
 */
export function recorded<T extends Change<unknown>>(
  { db }: Database,
  action: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const requestId = randomUUID();
  return transact<T>(db, async (tx) => {
    const change = await work(tx);
    const origin = {
      actorKind: 'operator',
      actor: userName(),
      credentialKind: 'none',
      address: '',
      userAgent: `longshore/${version}`,
      requestId,
      service: 'cli',
    };
    await recordChange(tx, { action, origin, change });
    return change;
  });
}

/** A container may run as a user without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
