import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

const membersOfGroup = sql<string[]>`
  array(
    select users.name from group_members join users on users.id = user_id where group_id = groups.id
    order by 1
  )`;

const groups = (db: Db) =>
  db.selectFrom('groups').select(['id', 'name', 'created_at']).select(membersOfGroup.as('members'));

export const selectGroup = (db: Db, name: string) => groups(db).where('name', '=', name);

export const lockGroup = (tx: Tx, name: string) =>
  tx.selectFrom('groups').select('id').where('name', '=', name).forUpdate();

export const selectGroupsPage = (db: Db, after: string, limit: number) =>
  groups(db).where('name', '>', after).orderBy('name').limit(limit);

export const insertGroup = (tx: Tx, name: string) =>
  tx
    .insertInto('groups')
    .values({ name })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id');

export const deleteGroup = (tx: Tx, id: number) => tx.deleteFrom('groups').where('id', '=', id);

export const insertMember = (tx: Tx, groupId: number, userId: number) =>
  tx
    .insertInto('group_members')
    .values({ group_id: groupId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing());

export const deleteMember = (tx: Tx, groupId: number, userId: number) =>
  tx.deleteFrom('group_members').where('group_id', '=', groupId).where('user_id', '=', userId);
