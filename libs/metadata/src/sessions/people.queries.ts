import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export interface PersonRow {
  readonly user_id: number;
  readonly email: string | null;
  readonly claims: string;
}

export const upsertPerson = (tx: Tx, person: PersonRow) =>
  tx
    .insertInto('oidc_people')
    .values({ ...person, ended_at: null })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((row) => ({
        email: row.ref('excluded.email'),
        claims: row.ref('excluded.claims'),
        confirmed_at: sql<Date>`now()`,
        ended_at: null,
      })),
    );

export const updateExternalGroups = (userId: number, groups: readonly string[]) => sql`
  update users set external_groups = ${groups}::text[]
  where id = ${userId} and external_groups is distinct from ${groups}::text[]`;

export const endPerson = (tx: Tx, userId: number) =>
  tx
    .updateTable('oidc_people')
    .set({ claims: '{}', ended_at: sql<Date>`now()` })
    .where('user_id', '=', userId);

export const selectPerson = (db: Db, source: string, externalId: string) =>
  db
    .selectFrom('users')
    .innerJoin('oidc_people as person', 'person.user_id', 'users.id')
    .select(['users.id', 'person.claims', 'person.ended_at'])
    .where('users.source', '=', source)
    .where('users.external_id', '=', externalId);
