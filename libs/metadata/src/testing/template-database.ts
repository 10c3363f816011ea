import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrate } from '../migrate.ts';

/** Returns the URL of another database on the same server, for the same user. */
export function urlOfDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export function newDatabaseName(): string {
  return `longshore_test_${randomBytes(8).toString('hex')}`;
}

/** Runs statements on the maintenance connection. Names come from `newDatabaseName`, never from outside. */
export async function administer(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) {
      await client.query(statement);
    }
  } finally {
    await client.end();
  }
}

export interface TemplateDatabase {
  readonly name: string;
  drop(): Promise<void>;
}

/** Migrates one database. `create database … template` then copies it in milliseconds. */
export async function prepareTemplate(url: string): Promise<TemplateDatabase> {
  const name = newDatabaseName();
  await administer(url, [`create database ${name} template template0 encoding 'UTF8'`]);
  await migrate(urlOfDatabase(url, name));
  return { name, drop: () => administer(url, [`drop database if exists ${name} with (force)`]) };
}
