import { AccountError, type Identity, ruleOf } from '@longshore/authorization';
import { accessRules, type Db, robotByName, type Tx, userByName } from '@longshore/metadata';
import type { Scope } from './operation.ts';

/** Tells whether an identity may use the routes of administrators, by the rules of the configuration and those of the database now. */
export async function isAdministrator(
  db: Db,
  { rights, client }: Pick<Scope, 'rights' | 'client'>,
  identity: Identity,
): Promise<boolean> {
  const now = await rights.withRules((await accessRules(db)).map(ruleOf));
  const resource = { type: 'registry', name: 'management' } as const;
  return now.decide({ identity, resource, actions: ['*'], client }).granted.length > 0;
}

interface Account {
  readonly disabled: boolean;
  readonly groups?: readonly string[];
}

/** Returns the account in the database. Undefined for one of another source. */
export async function accountOf(tx: Tx, { kind, subject }: Identity): Promise<Account | undefined> {
  if (kind === 'user') return userByName(tx, subject);
  return kind === 'robot' ? robotByName(tx, subject) : undefined;
}

/**
 * Requires that who makes a change is an administrator after it.
 * @param had the account before the change
 * @throws AccountError `refused`
 */
export async function requireAdministrator(tx: Tx, scope: Scope, had: Account | undefined): Promise<void> {
  const { identity } = scope;
  const account = await accountOf(tx, identity);
  const isOut = account === undefined ? had !== undefined : account.disabled;
  const current = { ...identity, groups: account?.groups ?? identity.groups };
  if (isOut || !(await isAdministrator(tx, scope, current)))
    throw new AccountError('refused', 'You would be no administrator any more. Let another one do this.');
}
