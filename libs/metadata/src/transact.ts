import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { isRetryable } from './postgres-errors.ts';
import type { Schema } from './schema.ts';

/** Any connection: enough for one statement. Work that must be atomic takes a `Tx`. */
export type Db = Kysely<Schema>;
export type Tx = Transaction<Schema>;

const retries = 3;

/** Ends a transaction with a rollback and a result. */
class RolledBack extends Error {
  override readonly name = 'RolledBack';
}

/** Passed to the work of `transact`: `throw rollBack(answer)` undoes everything and returns `answer`. */
export type RollBack<T> = (answer: T) => Error;

/**
 * Runs `work` in a READ COMMITTED transaction. A deadlock or serialization failure is retried up to three times, so `work` must have no effects
 * outside the transaction.
 *
 * @throws DatabaseUnavailable; the transaction may or may not have been committed
 */
export async function transact<T>(db: Db, work: (tx: Tx, rollBack: RollBack<T>) => Promise<T>): Promise<T> {
  return attempt(db, work, 0);
}

async function attempt<T>(
  db: Db,
  work: (tx: Tx, rollBack: RollBack<T>) => Promise<T>,
  before: number,
): Promise<T> {
  let answer: { readonly value: T } | undefined;
  const rollBack: RollBack<T> = (value) => {
    answer = { value };
    return new RolledBack('rolled back');
  };
  try {
    return await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute((tx) => work(tx, rollBack));
  } catch (error) {
    if (error instanceof RolledBack && answer !== undefined) return answer.value;
    if (before >= retries || !isRetryable(error)) throw error;
  }
  await sleep(Math.random() * 10 * 2 ** before);
  return attempt(db, work, before + 1);
}
