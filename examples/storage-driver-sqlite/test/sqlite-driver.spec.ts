import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { InstrumentedDriver, objectKey } from '@longshore/storage';
import { type DriverUnderTest, describeStorageDriver } from '@longshore/storage/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { createDriver } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'storage-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = async (name: string): Promise<InstrumentedDriver> =>
  new InstrumentedDriver(await createDriver({ path: join(folder, name) }));

/** Breaks the disk 1 MiB into the next append: another connection makes the database refuse that row. */
function breakAppend(path: string): () => void {
  const saboteur = new DatabaseSync(path, { timeout: 5000 });
  saboteur.exec(`CREATE TRIGGER broken BEFORE INSERT ON chunks WHEN NEW.at > 1000000
    BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END`);
  return () => {
    saboteur.exec('DROP TRIGGER broken');
    saboteur.close();
  };
}

describeStorageDriver('sqlite', async (): Promise<DriverUnderTest> => {
  const [driver, other] = [await open('contract.db'), await open('contract.db')];
  return { driver, other, breakAppend: () => breakAppend(join(folder, 'contract.db')) };
});

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('SqliteDriver', () => {
  it('lists an open upload as a leftover, and clears it', async () => {
    const driver = await open('leftovers.db');
    const key = objectKey('uploads/one');
    await driver.append({ key, offset: 0, state: null }, once('abandoned'));
    expect(await Array.fromAsync(driver.leftovers())).toMatchObject([{ key, since: expect.any(Date) }]);
    await driver.clear(key);
    expect(await Array.fromAsync(driver.leftovers())).toEqual([]);
    await driver.close();
  });

  it('rejects an append whose upload is removed meanwhile, and leaves no bytes', async () => {
    const driver = await open('removed.db');
    const key = objectKey('uploads/one');
    async function* removedMeanwhile(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(2_000_000);
      await driver.delete([key]);
      yield Buffer.alloc(2_000_000);
    }
    const appending = driver.append({ key, offset: 0, state: null }, removedMeanwhile());
    await expect(appending).rejects.toMatchObject({ kind: 'absent' });
    await driver.close();
    const database = new DatabaseSync(join(folder, 'removed.db'));
    expect(database.prepare('SELECT count(*) AS rows FROM chunks').get()).toEqual({ rows: 0 });
    database.close();
  });

  it('waits for another process that writes, then fails as throttled', async () => {
    const driver = new InstrumentedDriver(
      await createDriver({ path: join(folder, 'busy.db'), busytimeout: 20 }),
    );
    const other = new DatabaseSync(join(folder, 'busy.db'));
    other.exec('BEGIN IMMEDIATE');
    const key = objectKey('a');
    await expect(driver.put(key, Buffer.from('x'))).rejects.toMatchObject({ kind: 'throttled', key });
    other.exec('ROLLBACK');
    await driver.put(key, Buffer.from('x'));
    other.close();
    await driver.close();
  });

  it.each([
    ['a directory that is not there', () => join(folder, 'no/such/file.db'), 'denied'],
    ['what is no database', () => noDatabase(), 'corrupt'],
    ['a database of another layout', () => otherLayout(), 'denied'],
  ])('refuses %s', (_, path, kind) => {
    expect(() => createDriver({ path: path() })).toThrow(expect.objectContaining({ kind, driver: 'sqlite' }));
  });
});

function noDatabase(): string {
  writeFileSync(join(folder, 'text.db'), 'not a database, whatever its name says'.repeat(100));
  return join(folder, 'text.db');
}

function otherLayout(): string {
  const path = join(folder, 'newer.db');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 9');
  database.close();
  return path;
}
