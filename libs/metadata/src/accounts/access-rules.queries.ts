import type { StoredRule } from '@longshore/authorization';
import { sql } from 'kysely';

export interface AccessRuleRow extends Omit<StoredRule, 'when'> {
  readonly condition: string | null;
}

export const selectAccessRules = sql<AccessRuleRow>`
  select name, effect, subjects, actions, repositories, condition from access_rules order by id`;

/** Changes with each change of a rule. Null without rules. */
export const rulesVersion = sql<
  string | null
>`(select md5(string_agg(r::text, ' ' order by id)) from access_rules r)`;

export const selectRulesVersion = sql<{ version: string | null }>`select ${rulesVersion} as version`;
