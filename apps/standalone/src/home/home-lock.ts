import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface HomeLock {
  /** Publishes the address of this process, for a second start on the same home to report. */
  tell(address: string): Promise<void>;
  release(): void;
}

/** A running process uses the home. */
export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html). */
const busy = 5;

/**
 * Locks the home for this process until it ends, for whatever reason. The kernel holds the lock (fcntl, through SQLite): it cannot outlive its owner,
 * needs no guess from a process id, and works between containers on one volume. A child does not inherit it.
 *
 * @throws HomeInUse with the owner's process id and address
 */
export async function lockHome(home: string): Promise<HomeLock> {
  const owner = join(home, 'owner.json');
  const lock = open(join(home, 'lock'));
  if (lock === undefined) throw new HomeInUse(await inUse(home, owner));
  const tell = (address?: string): Promise<void> =>
    writeFile(owner, `${JSON.stringify({ pid: process.pid, host: hostname(), address })}\n`);
  await tell();
  return { tell, release: () => lock.close() };
}

/** Returns undefined if another process holds the lock. An exclusive transaction without writes leaves the file empty. */
function open(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined;
    throw new Error(`${path} cannot be locked (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}

async function inUse(home: string, owner: string): Promise<string> {
  const about = await describe(owner);
  return `a registry is already running on ${home} (${about}). Stop it, or set LONGSHORE_HOME and REGISTRY_HTTP_ADDR for another one.`;
}

async function describe(owner: string): Promise<string> {
  try {
    const told: unknown = JSON.parse(await readFile(owner, 'utf8'));
    const [pid, host, address] = ['pid', 'host', 'address'].map((name) => textOf(told, name));
    // Process ids are only unique within a container.
    const where = host === undefined || host === hostname() ? '' : ` of host ${host}`;
    return `process ${pid}${where}, ${address ?? 'still starting'}`;
  } catch {
    // The owner has the lock and has not yet written its address, or is writing it.
    return 'still starting';
  }
}

function textOf(value: unknown, name: string): string | undefined {
  const found = Object.entries(value ?? {}).find(([key]) => key === name)?.[1];
  return found === undefined ? undefined : String(found);
}
