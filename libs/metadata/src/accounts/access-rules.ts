import type { StoredRule } from '@longshore/authorization';
import type { Db } from '../transact.ts';
import { type AccessRuleRow, selectAccessRules, selectRulesVersion } from './access-rules.queries.ts';

/** Lists the rules of access that were added at run time, in the order in which they were made. */
export async function accessRules(db: Db): Promise<StoredRule[]> {
  const { rows } = await selectAccessRules.execute(db);
  return rows.map(storedRule);
}

/** Lists the rules of `accessRules` with their version. Undefined if that is the known one. */
export async function changedRules(
  db: Db,
  known: string | undefined,
): Promise<{ readonly version: string; readonly rules: StoredRule[] } | undefined> {
  const version = (await selectRulesVersion.execute(db)).rows[0]?.version ?? '';
  return version === known ? undefined : { version, rules: await accessRules(db) };
}

const storedRule = ({ condition, ...rule }: AccessRuleRow): StoredRule => ({
  ...rule,
  ...(condition !== null && { when: condition }),
});
