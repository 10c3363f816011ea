import { sql } from 'kysely';
import { migrations } from './migrations/index.ts';
import type { Db } from './transact.ts';

/** This version of Longshore cannot work on the database's schema. */
class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
}

export interface SchemaState {
  /** Migrations of this version that the database lacks. */
  readonly missing: readonly string[];
  /** Migrations of the database that this version does not know. */
  readonly unknown: readonly string[];
}

export async function schemaState(db: Db): Promise<SchemaState> {
  const done = await migrationsDone(db);
  const known = Object.keys(migrations);
  return {
    missing: known.filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !(name in migrations)),
  };
}

/**
 * Code N−1 runs on schema N, as during an upgrade and after a rollback. A schema further ahead belongs to another registry. @throws SchemaMismatch
 */
export function refuseNewerSchema({ unknown }: SchemaState): void {
  if (unknown.length < 2) return;
  throw new SchemaMismatch(
    `the database's schema is too new for this version of Longshore, which does not know its migrations ${unknown.join(', ')}: start the version that made them, or the one before it`,
  );
}

/** @throws SchemaMismatch if a service cannot work on this schema */
export function requireSchema(state: SchemaState): void {
  refuseNewerSchema(state);
  if (state.missing.length === 0) return;
  throw new SchemaMismatch(
    `the database's schema is too old for this version of Longshore: its migrations ${state.missing.join(', ')} have not been carried out. Run \`longshore migrate\` first`,
  );
}

async function migrationsDone(db: Db): Promise<readonly string[]> {
  const table = await sql<{
    found: boolean;
  }>`select to_regclass('kysely_migration') is not null as found`.execute(db);
  if (table.rows[0]?.found !== true) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
