import { AccountError } from '@longshore/authorization';
import {
  type AccessToken,
  accessToken,
  accessTokensPage,
  addAccessToken,
  type Database,
  removeAccessToken,
  transact,
} from '@longshore/metadata';

/** Tokens that the page shows. The command line shows all. */
const mostShown = 100;
const day = 86_400_000;
const mostDays = 366;

/** A token that has just been made. */
export interface AddedToken {
  readonly name: string;
  /** Shown once. */
  readonly secret: string;
  readonly expiresAt: Date;
}

/** The access tokens of a person, on the page of the account. */
export class PersonalTokens {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(userName: string): Promise<readonly AccessToken[]> {
    const page = await accessTokensPage(this.#database.db, { holder: { user: userName }, limit: mostShown });
    return page.items;
  }

  /** @returns what is wrong with the form, in a sentence */
  async add(
    userName: string,
    { name = '', days = '' }: { name: string | undefined; days: string | undefined },
  ): Promise<AddedToken | string> {
    const life = /^[1-9]\d{0,2}$/.test(days) ? Number(days) : 0;
    if (life < 1 || life > mostDays) return `A token lives for 1 to ${mostDays} days.`;
    const expiresAt = new Date(Date.now() + life * day);
    try {
      const token = { holder: { user: userName }, name, expiresAt };
      const { secret } = await transact(this.#database.db, (tx) => addAccessToken(tx, token));
      return { name, secret, expiresAt };
    } catch (error) {
      if (error instanceof AccountError) return `The token cannot be made: ${error.message}.`;
      throw error;
    }
  }

  /** Does nothing for a token of somebody else, or one that is gone. */
  async revoke(userName: string, id: string): Promise<void> {
    const token = await accessToken(this.#database.db, id);
    if (token?.holder.user !== userName) return;
    try {
      await transact(this.#database.db, (tx) => removeAccessToken(tx, id));
    } catch (error) {
      // Another page of the person has revoked it meanwhile.
      if (!(error instanceof AccountError && error.kind === 'absent')) throw error;
    }
  }
}
