import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { format } from 'sql-formatter';
import type { Schema } from '../schema.ts';
import type { Db, Tx } from '../transact.ts';

/** Compiles queries without a database. */
export const paperDatabase: Db = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** For queries that require a transaction. */
export const paperTransaction: Tx = await paperDatabase.transaction().execute(async (tx) => tx);

interface Compilable {
  compile(db: Db): { readonly sql: string };
}

/** Returns the SQL of every query by its function's name, for a snapshot. */
export function sqlOf(queries: Readonly<Record<string, Compilable | string>>): string {
  const texts = Object.entries(queries).map(([name, query]) => {
    const text = typeof query === 'string' ? query : query.compile(paperDatabase).sql;
    return `-- ${name}\n${format(text, { language: 'postgresql', keywordCase: 'lower' })};\n`;
  });
  return texts.join('\n');
}
