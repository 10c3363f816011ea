import { accountFingerprint } from '@longshore/authorization';
import {
  databaseSource,
  type Database,
  passwordCost,
  spendOncePassword,
  userCredentials,
} from '@longshore/metadata';
import { type Account, AccountSource } from './account-source.ts';

/** The users of the database. */
export class DatabaseSource extends AccountSource {
  override readonly name = 'database';
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  /** Users of other sources have rows, too, but no password. */
  override async find(username: string): Promise<Account | undefined> {
    const { db } = this.#database;
    const user = await userCredentials(db, username);
    if (user === undefined || user.source !== databaseSource) return undefined;
    const { name, passwordHash: hash, passwordOnce, groups, disabled } = user;
    return {
      name,
      hash,
      groups,
      version: hash ?? '',
      fingerprint: accountFingerprint(name, hash ?? ''),
      admit: async () => {
        if (disabled) return undefined;
        if (passwordOnce) await spendOncePassword(db, user);
        return groups;
      },
    };
  }

  override highestCost(): Promise<number> {
    return Promise.resolve(passwordCost);
  }
}
