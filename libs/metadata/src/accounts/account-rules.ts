import type { Tx } from '../transact.ts';
import { deleteRulesOfSubject, lockAdministrators, removeSubjectFromRules } from './account-rules.queries.ts';

/** Lets changes that can make or unmake administrators happen one after the other, until the transaction ends. */
export async function lockAdministration(tx: Tx): Promise<void> {
  await lockAdministrators.execute(tx);
}

/** Takes a removed account out of the rules of the database, so that a later account of the same name does not get its rights. */
export async function forgetSubject(tx: Tx, subject: string): Promise<void> {
  await deleteRulesOfSubject(subject).execute(tx);
  await removeSubjectFromRules(subject).execute(tx);
}
