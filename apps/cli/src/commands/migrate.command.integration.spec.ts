import { migratedDatabase } from '@longshore/metadata/testing';
import { expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

async function migrateAt(url: string): Promise<{ status: number; printed: string[] }> {
  const printed: string[] = [];
  const status = await runCli(['migrate'], {
    environment: { REGISTRY_POSTGRES_URL: url },
    print: (line) => void printed.push(line),
    complain: (line) => void printed.push(line),
  });
  return { status, printed };
}

it('names each migration that it ran, and reports when there is none', async () => {
  const migrated = await migratedDatabase();
  try {
    expect(await migrateAt(migrated.url)).toEqual({ status: 0, printed: ['the database is up to date'] });
    const { database } = migrated;
    await database.db.schema.dropSchema('public').cascade().execute();
    await database.db.schema.createSchema('public').execute();
    const { status, printed } = await migrateAt(migrated.url);
    expect(status).toBe(0);
    expect(printed[0]).toMatch(/^applied 0001-/);
    expect(printed.at(-1)).toBe('the database is now up to date');
  } finally {
    await migrated.drop();
  }
});
