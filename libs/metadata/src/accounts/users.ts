import { AccountError, accountFingerprint, requireAccountName } from '@longshore/authorization';
import { voidCredentials } from '../credentials/marks.ts';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import type { Db, Tx } from '../transact.ts';
import { forgetSubject } from './account-rules.ts';
import type { Change } from './change.ts';
import {
  deleteUser,
  insertUser,
  lockUser,
  type PasswordRow,
  selectExternalUser,
  selectUser,
  selectUserById,
  selectUsersPage,
  spendPassword,
  updateExternalUser,
  updatePassword,
  updateUserDisabled,
} from './users.queries.ts';

/** The source of users that have their password in the database. */
export const databaseSource = 'database';

/** A user as people see it. Holds no secret. */
export interface User {
  readonly name: string;
  /** `database`, `ldap`, or the name of an identity provider. */
  readonly source: string;
  /** The source's own id of the user. Undefined for users of the database. */
  readonly externalId: string | undefined;
  /** Sorted. */
  readonly groups: readonly string[];
  readonly disabled: boolean;
  readonly createdAt: Date;
}

/** What a login needs of a user. */
export interface UserCredentials extends User {
  readonly id: number;
  /** The bcrypt hash. Undefined if the user has no password, or an expired one. */
  readonly passwordHash: string | undefined;
  /** True if the password is good for its first use and an hour after it. */
  readonly passwordOnce: boolean;
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof selectUser>['executeTakeFirst']>>>;

/** @returns undefined if there is no such user */
export async function userByName(db: Db, name: string): Promise<User | undefined> {
  const row = await selectUser(db, name).executeTakeFirst();
  return row && userOf(row);
}

/** @returns undefined if there is no such user */
export async function userCredentials(db: Db, name: string): Promise<UserCredentials | undefined> {
  const row = await selectUser(db, name).executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, password_hash: hash, password_once: passwordOnce, password_until: until } = row;
  const isOver = until !== null && until.getTime() <= Date.now();
  return { ...userOf(row), id, passwordHash: isOver ? undefined : (hash ?? undefined), passwordOnce };
}

/** Lists users in the order of their names, after a name that need not exist. */
export async function usersPage(
  db: Db,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<KeysetPage<User>> {
  const rows = await selectUsersPage(db, after, limit + 1).execute();
  return keysetPage(rows.map(userOf), limit);
}

/**
 * Adds a user of the database. Without a password nobody can log in as the user, but tokens can be given.
 * @throws AccountError `invalid`, `taken`
 */
export async function addUser(
  tx: Tx,
  { name, passwordHash }: { readonly name: string; readonly passwordHash?: string | undefined },
): Promise<Change<User>> {
  requireAccountName('user', name);
  const made = await insertUser(tx, { name, passwordHash }).executeTakeFirst();
  if (made === undefined) throw taken(name);
  return { before: undefined, after: await userById(tx, made.id) };
}

/** Ends what was got with another password. @throws AccountError `absent`; `refused` for a user whose password another source keeps */
export async function changePassword(tx: Tx, name: string, password: PasswordRow): Promise<Change<User>> {
  return change(tx, name, async (id, { source }) => {
    if (source !== databaseSource)
      throw new AccountError('refused', `the password of ${name} is not here: the user comes from ${source}`);
    await updatePassword(tx, id, password).execute();
    await voidCredentials(tx, { kind: 'password', name, keeps: accountFingerprint(name, password.hash) });
  });
}

/** Disables or enables a user of any source. A disabled user cannot log in, nor use tokens. @throws AccountError `absent` */
export function setUserDisabled(tx: Tx, name: string, disabled: boolean): Promise<Change<User>> {
  return change(tx, name, async (id) => {
    await updateUserDisabled(tx, id, disabled).execute();
    if (disabled) await voidCredentials(tx, { kind: 'user', name });
  });
}

/** Removes a user with its tokens, memberships and the rules for it. @throws AccountError `absent` */
export async function removeUser(tx: Tx, name: string): Promise<Change<User>> {
  const { id, before } = await lockedUser(tx, name);
  await deleteUser(tx, id).execute();
  await forgetSubject(tx, `user:${name}`);
  await voidCredentials(tx, { kind: 'user', name });
  return { before, after: undefined };
}

export interface ExternalUser {
  /** Name of the source: `ldap`, or an identity provider. */
  readonly source: string;
  /** The source's own id of the user. It never goes to another person. */
  readonly externalId: string;
  readonly name: string;
  /** Replaces the groups that the source gave before. */
  readonly groups: readonly string[];
}

/**
 * Remembers a user of another source at each login: under its name now, with its groups now.
 * @throws AccountError `invalid`; `taken` if the name belongs to a user of another source, or to another user of this one
 */
export async function rememberExternalUser(db: Db, user: ExternalUser): Promise<UserCredentials> {
  const { source, externalId, name, groups } = user;
  requireAccountName('user', name);
  const known = await selectExternalUser(db, source, externalId).executeTakeFirst();
  const id = known?.id ?? (await insertUser(db, { name, source, externalId }).executeTakeFirst())?.id;
  if (id === undefined) {
    // The name is taken, or a concurrent login has made the row.
    const made = await selectExternalUser(db, source, externalId).executeTakeFirst();
    if (made === undefined) throw taken(name);
    return rememberExternalUser(db, user);
  }
  const holder = await selectUser(db, name).executeTakeFirst();
  if (holder !== undefined && holder.id !== id) throw taken(name);
  const { numAffectedRows = 0n } = await updateExternalUser(id, name, groups).execute(db);
  // Tokens carry groups. Those with the groups of before end.
  if (known !== undefined && numAffectedRows > 0n)
    await voidCredentials(db, { kind: 'user', name: known.name });
  const remembered = await userCredentials(db, name);
  if (remembered === undefined) throw new AccountError('absent', `there is no user ${name}`);
  return remembered;
}

/** Starts the last hour of a one-time password. Returns false if it had been used before, or is another one now. */
export async function spendOncePassword(
  db: Db,
  { id, passwordHash }: Pick<UserCredentials, 'id' | 'passwordHash'>,
): Promise<boolean> {
  if (passwordHash === undefined) return false;
  const { numUpdatedRows } = await spendPassword(db, id, passwordHash, 3600).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Locks the row, so that what is returned as the state before is what the change replaces. @throws AccountError `absent` */
export async function lockedUser(
  tx: Tx,
  name: string,
): Promise<{ readonly id: number; readonly before: User }> {
  const locked = await lockUser(tx, name).executeTakeFirst();
  if (locked === undefined) throw new AccountError('absent', `there is no user ${name}`);
  return { id: locked.id, before: await userById(tx, locked.id) };
}

async function change(
  tx: Tx,
  name: string,
  write: (id: number, before: User) => Promise<unknown>,
): Promise<Change<User>> {
  const { id, before } = await lockedUser(tx, name);
  await write(id, before);
  return { before, after: await userById(tx, id) };
}

export async function userById(db: Db, id: number): Promise<User> {
  return userOf(await selectUserById(db, id).executeTakeFirstOrThrow());
}

function userOf({ name, source, external_id, groups, disabled_at, created_at }: Row): User {
  return {
    name,
    source,
    externalId: external_id ?? undefined,
    groups,
    disabled: disabled_at !== null,
    createdAt: created_at,
  };
}

const taken = (name: string): AccountError => new AccountError('taken', `the name ${name} is taken`);
