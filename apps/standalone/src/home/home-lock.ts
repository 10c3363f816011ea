import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface HomeLock {
  /** Tells others where this process can be reached: the answer to a second start. */
  tell(address: string): Promise<void>;
  release(): void;
}

/** Another process uses the home, and lives. */
export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html). */
const busy = 5;

/**
 * Takes the home for this process, until it ends by whatever cause. The lock is the kernel's (fcntl, through SQLite): it cannot outlive its
 * owner, needs no guess from a process number, and holds between containers on one volume. A child does not inherit it.
 *
 * @throws HomeInUse with the owner's number and address
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

/** Undefined when another process holds it. An exclusive transaction that writes nothing leaves the file empty. */
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
    // In a container, numbers of processes begin anew.
    const where = host === undefined || host === hostname() ? '' : ` of host ${host}`;
    return `process ${pid}${where}, ${address ?? 'still starting'}`;
  } catch {
    // It has the lock and has not told yet, or is being told while we read.
    return 'still starting';
  }
}

function textOf(value: unknown, name: string): string | undefined {
  const found = Object.entries(value ?? {}).find(([key]) => key === name)?.[1];
  return found === undefined ? undefined : String(found);
}
