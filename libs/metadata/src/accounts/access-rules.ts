import { sql } from 'kysely';
import type { Db } from '../transact.ts';

/** A rule of access that was added at run time. */
export interface StoredRule {
  readonly name: string;
  readonly effect: 'allow' | 'deny';
  readonly subjects: readonly string[];
  readonly actions: readonly string[];
  readonly repositories: readonly string[];
  readonly condition: string | null;
}

export const selectAccessRules = sql<StoredRule>`
  select name, effect, subjects, actions, repositories, condition from access_rules order by id`;

/** Lists the rules of the database, in the order in which they were made. */
export async function accessRules(db: Db): Promise<StoredRule[]> {
  return (await selectAccessRules.execute(db)).rows;
}
