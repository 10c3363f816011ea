import type { Tx } from '../transact.ts';
import { deleteRulesOfSubject, removeSubjectFromRules } from './account-rules.queries.ts';

/** Takes a removed account out of the rules of the database, so that a later account of the same name does not get its rights. */
export async function forgetSubject(tx: Tx, subject: string): Promise<void> {
  await deleteRulesOfSubject(subject).execute(tx);
  await removeSubjectFromRules(subject).execute(tx);
}
