import { AccountError } from '@longshore/authorization';
import type { Tx } from '../transact.ts';
import { lockAdministration } from './account-rules.ts';
import type { Change } from './change.ts';
import { insertAdministratorRule, selectAdministratorRule } from './account-rules.queries.ts';
import { addUser, changePassword, type User, userByName } from './users.ts';

/** Seconds that a one-time password waits for its first use. */
const onceWithin = 24 * 3600;

/**
 * Makes the user an administrator by a rule of the database, with a one-time password: it expires a day after this, or an hour after its first use.
 * Concurrent calls make one administrator.
 * @throws AccountError `refused` if a rule of the database makes an administrator already; `invalid`; `taken` by a user of another source
 */
export async function addFirstAdministrator(
  tx: Tx,
  { name, passwordHash }: { readonly name: string; readonly passwordHash: string },
): Promise<Change<User>> {
  await lockAdministration(tx);
  const { rows } = await selectAdministratorRule.execute(tx);
  const [rule] = rows;
  if (rule !== undefined)
    throw new AccountError('refused', `there is an administrator already, by the rule "${rule.name}"`);
  const before = await userByName(tx, name);
  if (before === undefined) await addUser(tx, { name });
  const { after } = await changePassword(tx, name, { hash: passwordHash, onceWithin });
  await insertAdministratorRule(`administrator ${name}`, `user:${name}`).execute(tx);
  return { before, after };
}
