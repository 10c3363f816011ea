import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { connectDatabase } from './database.ts';
import { DatabaseUnavailable } from './postgres-errors.ts';
import { migratedDatabase } from './testing/migrated-database.ts';
import { transact } from './transact.ts';

const statements: string[] = [];
const postgres = await migratedDatabase({
  statementTimeoutMs: 2_000,
  beforeStatement: ({ text }) => {
    statements.push(text);
  },
});
const { db } = postgres.database;
afterAll(() => postgres.drop());

const lock = (key: number) => sql`select pg_advisory_xact_lock(${key}::bigint)`;

describe('transact', () => {
  it('tries again after a deadlock', async () => {
    let attempts = 0;
    const meet = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const locking = (first: number, second: number, mine: 0 | 1) =>
      transact<string>(db, async (tx) => {
        attempts += 1;
        await lock(first).execute(tx);
        meet[mine].resolve();
        await meet[mine === 0 ? 1 : 0].promise;
        await lock(second).execute(tx);
        return 'done';
      });
    expect(await Promise.all([locking(1, 2, 0), locking(2, 1, 1)])).toEqual(['done', 'done']);
    expect(attempts).toBe(3);
  });

  it('undoes everything and answers when the work says so', async () => {
    const answer = await transact<string>(db, async (tx, rollBack) => {
      await tx.insertInto('repositories').values({ name: 'rolled/back' }).execute();
      throw rollBack('refused');
    });
    expect(answer).toBe('refused');
    const rows = await db.selectFrom('repositories').selectAll().where('name', '=', 'rolled/back').execute();
    expect(rows).toEqual([]);
  });
});

const named = async () => {
  const { rows } = await sql<{ statement: string }>`
    select statement from pg_prepared_statements where name like 'longshore%' and ${true}`.execute(db);
  return rows.map((row) => row.statement);
};

describe('Database', () => {
  it('names prepared statements, and not those without values', async () => {
    await Promise.all([named(), named(), named(), named()]);
    expect(await named()).toContainEqual(expect.stringContaining('from pg_prepared_statements'));
    expect(statements).toContain('start transaction isolation level read committed');
  });

  it('says that Postgres is unavailable when a statement takes too long or its connection dies', async () => {
    await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)).rejects.toBeInstanceOf(
      DatabaseUnavailable,
    );
    expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  });

  it('reports that at the start', async () => {
    const nowhere = connectDatabase({ url: 'postgres://127.0.0.1:1/none' });
    await expect(nowhere).rejects.toBeInstanceOf(DatabaseUnavailable);
  });

  it('keeps numbers of eight bytes as numbers', async () => {
    const { rows } = await sql<{ big: number }>`select (2::bigint ^ 52)::bigint as big`.execute(db);
    expect(rows).toEqual([{ big: 2 ** 52 }]);
  });
});
