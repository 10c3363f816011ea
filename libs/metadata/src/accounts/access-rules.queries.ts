import type { StoredRule } from '@longshore/authorization';
import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export interface AccessRuleRow extends Omit<StoredRule, 'when'> {
  readonly condition: string | null;
}

export const selectAccessRules = sql<AccessRuleRow>`
  select name, effect, subjects, actions, repositories, condition from access_rules order by id`;

const rules = (db: Db) =>
  db
    .selectFrom('access_rules')
    .select([
      'name',
      'effect',
      'subjects',
      'actions',
      'repositories',
      'condition',
      'created_by',
      'created_at',
      'updated_at',
    ]);

export const selectAccessRule = (db: Db, name: string) => rules(db).where('name', '=', name);

export const lockAccessRule = (tx: Tx, name: string) => selectAccessRule(tx, name).forUpdate();

export const selectAccessRulesPage = (db: Db, after: string, limit: number) =>
  rules(db).where('name', '>', after).orderBy('name').limit(limit);

export const insertAccessRule = (tx: Tx, { when, ...rule }: StoredRule, createdBy: string) =>
  tx
    .insertInto('access_rules')
    .values({ ...columnsOf(rule), condition: when ?? null, created_by: createdBy })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id');

export const updateAccessRule = (tx: Tx, { name, when, ...rule }: StoredRule) =>
  tx
    .updateTable('access_rules')
    .set({ ...columnsOf(rule), condition: when ?? null, updated_at: sql<Date>`now()` })
    .where('name', '=', name);

export const deleteAccessRule = (tx: Tx, name: string) =>
  tx.deleteFrom('access_rules').where('name', '=', name);

/** The driver takes arrays that it may change. */
const columnsOf = <T extends Pick<StoredRule, 'subjects' | 'actions' | 'repositories'>>({
  subjects,
  actions,
  repositories,
  ...rest
}: T) => ({
  ...rest,
  subjects: [...subjects],
  actions: [...actions],
  repositories: [...repositories],
});

/** Changes with each change of a rule. Null without rules. */
export const rulesVersion = sql<
  string | null
>`(select md5(string_agg(r::text, ' ' order by id)) from access_rules r)`;

export const selectRulesVersion = sql<{ version: string | null }>`select ${rulesVersion} as version`;
