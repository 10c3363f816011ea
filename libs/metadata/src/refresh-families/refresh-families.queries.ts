import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export interface NewFamilyRow {
  readonly id: string;
  readonly subject: string;
  readonly gotWith: string | null;
  readonly rotates: boolean;
  readonly lifetimeSeconds: number;
}

export const insertFamily = (db: Db, { id, subject, gotWith, rotates, lifetimeSeconds }: NewFamilyRow) =>
  db.insertInto('refresh_families').values({
    id,
    subject,
    got_with: gotWith,
    rotates,
    ends_at: sql`now() + make_interval(secs => ${lifetimeSeconds})`,
  });

export const deleteEndedFamilies = (db: Db) =>
  db.deleteFrom('refresh_families').where(sql<boolean>`ends_at < now()`);

/** Read without a lock: most families do not rotate. */
export const selectFamily = (db: Db, id: string) =>
  db
    .selectFrom('refresh_families')
    .select(['rotates', 'generation'])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`ends_at > now()`);

export const lockFamily = (tx: Tx, id: string, graceSeconds: number) =>
  tx
    .selectFrom('refresh_families')
    .select([
      'generation',
      sql<boolean>`coalesce(rotated_at > now() - make_interval(secs => ${graceSeconds}), false)`.as('fresh'),
    ])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`ends_at > now()`)
    .forUpdate();

export const rotateFamily = (tx: Tx, id: string) =>
  tx
    .updateTable('refresh_families')
    .set({ generation: sql`generation + 1`, rotated_at: sql`now()` })
    .where('id', '=', id);
