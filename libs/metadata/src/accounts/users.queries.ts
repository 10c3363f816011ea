import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

/** The groups that the database and the user's source put the user in, sorted. */
export const groupsOfUser = sql<string[]>`
  array(
    select groups.name from group_members join groups on groups.id = group_id where user_id = users.id
    union select unnest(external_groups)
    order by 1
  )`;

const users = (db: Db) =>
  db
    .selectFrom('users')
    .select([
      'id',
      'name',
      'source',
      'external_id',
      'password_hash',
      'password_once',
      'password_until',
      'disabled_at',
      'created_at',
    ])
    .select(groupsOfUser.as('groups'));

export const selectUser = (db: Db, name: string) => users(db).where('name', '=', name);

export const lockUser = (tx: Tx, name: string) =>
  tx.selectFrom('users').select('id').where('name', '=', name).forUpdate();

export const selectUserById = (db: Db, id: number) => users(db).where('id', '=', id);

export const selectExternalUser = (db: Db, source: string, externalId: string) =>
  users(db).where('source', '=', source).where('external_id', '=', externalId);

export const selectUsersPage = (db: Db, after: string, limit: number) =>
  users(db).where('name', '>', after).orderBy('name').limit(limit);

export interface UserRow {
  readonly name: string;
  readonly source?: string;
  readonly externalId?: string;
  readonly passwordHash?: string | undefined;
}

export const insertUser = (db: Db, { name, source, externalId, passwordHash }: UserRow) =>
  db
    .insertInto('users')
    .values({
      name,
      ...(source !== undefined && { source }),
      external_id: externalId ?? null,
      password_hash: passwordHash ?? null,
      password_until: null,
      disabled_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id');

export const updateExternalUser = (id: number, name: string, groups: readonly string[]) => sql`
  update users set name = ${name}, external_groups = ${groups}::text[]
  where id = ${id} and (name, external_groups) is distinct from (${name}, ${groups}::text[])`;

export interface PasswordRow {
  readonly hash: string;
  /** Seconds that a one-time password waits for its first use. Undefined for a password that stays. */
  readonly onceWithin?: number | undefined;
}

export const updatePassword = (tx: Tx, id: number, { hash, onceWithin }: PasswordRow) =>
  tx
    .updateTable('users')
    .set({
      password_hash: hash,
      password_once: onceWithin !== undefined,
      password_until:
        onceWithin === undefined
          ? null
          : sql<Date>`now() + make_interval(secs => ${onceWithin}::double precision)`,
    })
    .where('id', '=', id);

/** From its first use on, a one-time password is good for `seconds` more. */
export const spendPassword = (db: Db, id: number, hash: string, seconds: number) =>
  db
    .updateTable('users')
    .set({
      password_once: false,
      password_until: sql<Date>`least(password_until, now() + make_interval(secs => ${seconds}::double precision))`,
    })
    .where('id', '=', id)
    .where('password_hash', '=', hash)
    .where('password_once', '=', true);

export const updateUserDisabled = (tx: Tx, id: number, disabled: boolean) =>
  tx
    .updateTable('users')
    .set({ disabled_at: disabled ? sql<Date>`coalesce(disabled_at, now())` : null })
    .where('id', '=', id);

export const deleteUser = (tx: Tx, id: number) => tx.deleteFrom('users').where('id', '=', id);
