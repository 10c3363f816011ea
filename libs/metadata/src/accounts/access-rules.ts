import { AccountError, type StoredRule } from '@longshore/authorization';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import type { Db, Tx } from '../transact.ts';
import {
  type AccessRuleRow,
  deleteAccessRule,
  insertAccessRule,
  lockAccessRule,
  selectAccessRule,
  selectAccessRules,
  selectAccessRulesPage,
  selectRulesVersion,
  updateAccessRule,
} from './access-rules.queries.ts';
import type { Change } from './change.ts';

/** A rule of the database as people see it. */
export interface AccessRule extends StoredRule {
  /** The account that made it, or `bootstrap`. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

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

/** @returns undefined if there is no such rule */
export async function accessRule(db: Db, name: string): Promise<AccessRule | undefined> {
  const row = await selectAccessRule(db, name).executeTakeFirst();
  return row && accessRuleOf(row);
}

/** Lists rules in the order of their names, after a name that need not exist. */
export async function accessRulesPage(
  db: Db,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<KeysetPage<AccessRule>> {
  const rows = await selectAccessRulesPage(db, after, limit + 1).execute();
  return keysetPage(rows.map(accessRuleOf), limit);
}

/** Adds a rule, which must compile. @throws AccountError `taken` */
export async function addAccessRule(
  tx: Tx,
  { rule, createdBy }: { readonly rule: StoredRule; readonly createdBy: string },
): Promise<Change<AccessRule>> {
  if ((await insertAccessRule(tx, rule, createdBy).executeTakeFirst()) === undefined)
    throw new AccountError('taken', `there is a rule ${rule.name} already`);
  return { before: undefined, after: await accessRule(tx, rule.name) };
}

/** Replaces the rule of the same name by another, which must compile. @throws AccountError `absent` */
export async function replaceAccessRule(tx: Tx, rule: StoredRule): Promise<Change<AccessRule>> {
  const before = await lockedRule(tx, rule.name);
  await updateAccessRule(tx, rule).execute();
  return { before, after: await accessRule(tx, rule.name) };
}

/** @throws AccountError `absent` */
export async function removeAccessRule(tx: Tx, name: string): Promise<Change<AccessRule>> {
  const before = await lockedRule(tx, name);
  await deleteAccessRule(tx, name).execute();
  return { before, after: undefined };
}

async function lockedRule(tx: Tx, name: string): Promise<AccessRule> {
  const row = await lockAccessRule(tx, name).executeTakeFirst();
  if (row === undefined) throw new AccountError('absent', `there is no rule ${name}`);
  return accessRuleOf(row);
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof selectAccessRule>['executeTakeFirst']>>>;

const accessRuleOf = ({ created_by, created_at, updated_at, ...rule }: Row): AccessRule => ({
  ...storedRule(rule),
  createdBy: created_by,
  createdAt: created_at,
  updatedAt: updated_at,
});
