import { AccountError, requireAccountName } from '@longshore/authorization';
import { voidCredentials } from '../credentials/marks.ts';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import type { Db, Tx } from '../transact.ts';
import type { Change } from './change.ts';
import {
  deleteGroup,
  deleteMember,
  insertGroup,
  insertMember,
  lockGroup,
  selectGroup,
  selectGroupsPage,
} from './groups.queries.ts';
import { lockedUser } from './users.ts';

/** A group of the database. Groups of other sources need no row: rules name them, and users bring them. */
export interface Group {
  readonly name: string;
  /** Names of users, sorted. */
  readonly members: readonly string[];
  readonly createdAt: Date;
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof selectGroup>['executeTakeFirst']>>>;

/** @returns undefined if there is no such group */
export async function groupByName(db: Db, name: string): Promise<Group | undefined> {
  const row = await selectGroup(db, name).executeTakeFirst();
  return row && groupOf(row);
}

/** Lists groups in the order of their names, after a name that need not exist. */
export async function groupsPage(
  db: Db,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<KeysetPage<Group>> {
  const rows = await selectGroupsPage(db, after, limit + 1).execute();
  return keysetPage(rows.map(groupOf), limit);
}

/** @throws AccountError `invalid`, `taken` */
export async function addGroup(tx: Tx, name: string): Promise<Change<Group>> {
  requireAccountName('group', name);
  if ((await insertGroup(tx, name).executeTakeFirst()) === undefined)
    throw new AccountError('taken', `there is a group ${name} already`);
  return { before: undefined, after: await groupByName(tx, name) };
}

/** @throws AccountError `absent` */
export async function removeGroup(tx: Tx, name: string): Promise<Change<Group>> {
  const { id, before } = await lockedGroup(tx, name);
  await deleteGroup(tx, id).execute();
  await voidCredentials(tx, ...before.members.map((member) => ({ kind: 'user', name: member }) as const));
  return { before, after: undefined };
}

export interface Membership {
  readonly group: string;
  readonly user: string;
}

/** Ends tokens of the user that say it is no member. Does nothing for a member. @throws AccountError `absent` */
export async function addMember(tx: Tx, { group, user }: Membership): Promise<Change<Group>> {
  const { id, before } = await lockedGroup(tx, group);
  const { numInsertedOrUpdatedRows = 0n } = await insertMember(
    tx,
    id,
    (await lockedUser(tx, user)).id,
  ).executeTakeFirst();
  if (numInsertedOrUpdatedRows > 0n) await voidCredentials(tx, { kind: 'user', name: user });
  return { before, after: await groupByName(tx, group) };
}

/** Ends tokens of the user that say it is a member. @throws AccountError `absent` */
export async function removeMember(tx: Tx, { group, user }: Membership): Promise<Change<Group>> {
  const { id, before } = await lockedGroup(tx, group);
  await deleteMember(tx, id, (await lockedUser(tx, user)).id).execute();
  await voidCredentials(tx, { kind: 'user', name: user });
  return { before, after: await groupByName(tx, group) };
}

async function lockedGroup(tx: Tx, name: string): Promise<{ readonly id: number; readonly before: Group }> {
  const locked = await lockGroup(tx, name).executeTakeFirst();
  if (locked === undefined) throw new AccountError('absent', `there is no group ${name}`);
  return { id: locked.id, before: groupOf(await selectGroup(tx, name).executeTakeFirstOrThrow()) };
}

const groupOf = ({ name, members, created_at }: Row): Group => ({ name, members, createdAt: created_at });
