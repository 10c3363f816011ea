import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { describeSchema } from './testing/describe-schema.ts';
import { administer, newDatabaseName, urlOfDatabase } from './testing/template-database.ts';

const server = process.env['LONGSHORE_TEST_POSTGRES_URL'] ?? '';
const made: string[] = [];

async function emptyDatabase(encoding = 'UTF8'): Promise<string> {
  const name = newDatabaseName();
  await administer(server, [`create database ${name} template template0 encoding '${encoding}' locale 'C'`]);
  made.push(name);
  return urlOfDatabase(server, name);
}

afterAll(() =>
  administer(
    server,
    made.map((name) => `drop database if exists ${name} with (force)`),
  ),
);

describe('migrate', () => {
  it('makes the schema of schema.sql', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const pool = new Pool({ connectionString: url });
    const schema = await describeSchema(pool);
    await pool.end();
    await expect(schema).toMatchFileSnapshot('./schema.sql');
  });

  it('runs each migration once, however many replicas start at the same time', async () => {
    const url = await emptyDatabase();
    const done = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(done.flat()).toEqual(Object.keys(migrations));
    expect(await migrate(url)).toEqual([]);
  });

  it('refuses a database whose encoding is not UTF-8', async () => {
    const url = await emptyDatabase('LATIN1');
    await expect(migrate(url)).rejects.toThrow("the database's encoding is LATIN1");
  });

  it('says that Postgres is unavailable when nothing listens', async () => {
    await expect(migrate('postgres://127.0.0.1:1/none')).rejects.toMatchObject({
      name: 'DatabaseUnavailable',
    });
  });
});
