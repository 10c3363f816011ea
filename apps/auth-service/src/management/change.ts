import { type Change, lockAdministration, recordChange, transact, type Tx } from '@longshore/metadata';
import { accountOf, requireAdministrator } from './administrators.ts';
import type { Scope } from './operation.ts';

/** Makes a change with its entry of the audit log, in one transaction. */
export function change<T extends Change<unknown>>(
  { db, operation, origin }: Scope,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return transact<T>(db, async (tx) => {
    const made = await work(tx);
    await recordChange(tx, { action: operation, origin, change: made });
    return made;
  });
}

/**
 * Does the same for a change that can unmake administrators: who makes it must be one afterwards, so there always is one. Such changes happen one after
 * the other.
 * @throws AccountError `refused`
 */
export function changeAsAdministrator<T extends Change<unknown>>(
  scope: Scope,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return change(scope, async (tx) => {
    await lockAdministration(tx);
    const had = await accountOf(tx, scope.identity);
    const made = await work(tx);
    await requireAdministrator(tx, scope, had);
    return made;
  });
}
