import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

const robots = (db: Db) =>
  db.selectFrom('robots').select(['id', 'name', 'description', 'disabled_at', 'created_at']);

export const selectRobot = (db: Db, name: string) => robots(db).where('name', '=', name);

export const lockRobot = (tx: Tx, name: string) => robots(tx).where('name', '=', name).forUpdate();

export const selectRobotsPage = (db: Db, after: string, limit: number) =>
  robots(db).where('name', '>', after).orderBy('name').limit(limit);

export const insertRobot = (tx: Tx, name: string, description: string) =>
  tx
    .insertInto('robots')
    .values({ name, description, disabled_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id');

export const updateRobotDisabled = (tx: Tx, id: number, disabled: boolean) =>
  tx
    .updateTable('robots')
    .set({ disabled_at: disabled ? sql<Date>`coalesce(disabled_at, now())` : null })
    .where('id', '=', id);

export const deleteRobot = (tx: Tx, id: number) => tx.deleteFrom('robots').where('id', '=', id);
