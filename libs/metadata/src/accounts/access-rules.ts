import type { StoredRule } from '@longshore/authorization';
import { sql } from 'kysely';
import type { Db } from '../transact.ts';

interface Row extends Omit<StoredRule, 'when'> {
  readonly condition: string | null;
}

const selectAccessRules = sql<Row>`
  select name, effect, subjects, actions, repositories, condition from access_rules order by id`;

/** Lists the rules of access that were added at run time, in the order in which they were made. */
export async function accessRules(db: Db): Promise<StoredRule[]> {
  const { rows } = await selectAccessRules.execute(db);
  return rows.map(({ condition, ...rule }) => ({ ...rule, ...(condition !== null && { when: condition }) }));
}
