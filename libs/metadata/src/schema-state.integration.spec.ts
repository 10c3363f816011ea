import { loadConfiguration } from '@longshore/configuration';
import { Lifecycle, Readiness } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import { migratedDatabase, type MigratedDatabase } from './testing/migrated-database.ts';

let postgres: MigratedDatabase;
let pool: Pool;
const lifecycle = new Lifecycle();
const service = {
  config: loadConfiguration({ environment: { REGISTRY_STORAGE: 'inmemory' } }),
  lifecycle,
  readiness: new Readiness(),
  // Each start is one of another process.
  get metrics() {
    return new Metrics({ service: 'test' });
  },
  log: createLogger({ level: 'silent' }),
};

beforeAll(async () => {
  postgres = await migratedDatabase();
  pool = new Pool({ connectionString: postgres.url });
});

afterEach(() => lifecycle.onApplicationShutdown());

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
    await expect(openDatabase(service, postgres.url)).resolves.toBeDefined();
  });

  it('of the next version starts, as during an upgrade and after a rollback', async () => {
    await carriedOut(...ours, '9998-next');
    await expect(openDatabase(service, postgres.url)).resolves.toBeDefined();
    expect(await migrate(postgres.url)).toEqual([]);
  });

  it('that is too old says which migrations are missing, and that `longshore migrate` is the remedy', async () => {
    await carriedOut(...ours.slice(0, -1));
    const opened = openDatabase(service, postgres.url);
    await expect(opened).rejects.toThrow(
      `too old for this version of Longshore: its migrations ${ours.at(-1) ?? ''} have not`,
    );
    await expect(opened).rejects.toThrow('longshore migrate');
  });

  it('that is too new says so, and so does the migration', async () => {
    await carriedOut(...ours, '9998-next', '9999-after-next');
    const words =
      'too new for this version of Longshore, which does not know its migrations 9998-next, 9999-after-next';
    await expect(openDatabase(service, postgres.url)).rejects.toThrow(words);
    await expect(migrate(postgres.url)).rejects.toThrow(words);
  });

  it('that was never created is too old', async () => {
    await pool.query('drop table kysely_migration');
    await expect(openDatabase(service, postgres.url)).rejects.toThrow('too old');
  });
});
