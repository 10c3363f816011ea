import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { type DatabaseHost, openManagedDatabase } from './open-managed-database.ts';
import { migratedDatabase, type MigratedDatabase } from './testing/migrated-database.ts';

let postgres: MigratedDatabase;
let pool: Pool;
const closers: (() => Promise<void>)[] = [];
const host: DatabaseHost = {
  lifecycle: { onClose: (_, close) => void closers.push(close) },
  readiness: { require: () => undefined },
  log: { warn: () => undefined, info: () => undefined },
};

beforeAll(async () => {
  postgres = await migratedDatabase();
  pool = new Pool({ connectionString: postgres.url });
});

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

afterAll(async () => {
  await pool.end();
  await postgres.drop();
});

async function carriedOut(...names: readonly string[]): Promise<void> {
  await pool.query('delete from kysely_migration');
  await pool.query('insert into kysely_migration select name, now() from unnest($1::text[]) as name', [
    names,
  ]);
}

const ours = Object.keys(migrations);

describe('a service on a schema', () => {
  it('of its own version starts', async () => {
    await carriedOut(...ours);
    await expect(openManagedDatabase({ url: postgres.url }, host)).resolves.toBeDefined();
  });

  it('of the next version starts, as during an upgrade and after a rollback', async () => {
    await carriedOut(...ours, '9998-next');
    await expect(openManagedDatabase({ url: postgres.url }, host)).resolves.toBeDefined();
    expect(await migrate(postgres.url)).toEqual([]);
  });

  it('that is too old says which migrations are missing, and that `longshore migrate` is the remedy', async () => {
    await carriedOut(...ours.slice(0, -1));
    const opened = openManagedDatabase({ url: postgres.url }, host);
    await expect(opened).rejects.toThrow(
      `too old for this version of Longshore: its migrations ${ours.at(-1) ?? ''} have not`,
    );
    await expect(opened).rejects.toThrow('longshore migrate');
  });

  it('that is too new says so, and so does the migration', async () => {
    await carriedOut(...ours, '9998-next', '9999-after-next');
    const words =
      'too new for this version of Longshore, which does not know its migrations 9998-next, 9999-after-next';
    await expect(openManagedDatabase({ url: postgres.url }, host)).rejects.toThrow(words);
    await expect(migrate(postgres.url)).rejects.toThrow(words);
  });

  it('that was never created is too old', async () => {
    await pool.query('drop table kysely_migration');
    await expect(openManagedDatabase({ url: postgres.url }, host)).rejects.toThrow('too old');
  });
});
