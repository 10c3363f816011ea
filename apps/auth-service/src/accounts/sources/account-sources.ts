import type { Account, AccountSource } from './account-source.ts';

export interface Found {
  readonly account: Account;
  readonly source: AccountSource;
}

/** The configured sources in their order: htpasswd, database, LDAP. */
export class AccountSources {
  readonly #sources: readonly AccountSource[];
  readonly #warn: (message: string) => void;

  /** @param warn is told of an account that another one hides */
  constructor(sources: readonly AccountSource[], warn: (message: string) => void) {
    this.#sources = sources;
    this.#warn = warn;
  }

  get isEmpty(): boolean {
    return this.#sources.length === 0;
  }

  /**
   * Returns the account of the first source that has the name. A source may know the account by another name than the one that was typed; if that
   * name belongs to an earlier source, it stays with the earlier one, and this account cannot log in: one name must not mean two persons.
   * @throws OciError UNAVAILABLE
   */
  async find(username: string): Promise<Found | undefined> {
    for (const [index, source] of this.#sources.entries()) {
      const account = await source.find(username);
      if (account === undefined) continue;
      const isHidden =
        account.name !== username && (await this.#isIn(this.#sources.slice(0, index), account.name));
      if (!isHidden) return { account, source };
      this.#warn(
        `${account.name} of ${source.name} cannot log in: an earlier source has an account of that name`,
      );
      return undefined;
    }
    return undefined;
  }

  /** Returns the source with this name, if it is configured. */
  named(name: string): AccountSource | undefined {
    return this.#sources.find((source) => source.name === name);
  }

  /** Returns the highest cost of all bcrypt hashes, so that every wrong password costs as much; 0 if no source has any. */
  async highestCost(): Promise<number> {
    return Math.max(0, ...(await Promise.all(this.#sources.map((source) => source.highestCost()))));
  }

  /** Does the work of all other sources that refuse a password, so that time does not tell which of them has the account. */
  async decoys(source: AccountSource | undefined): Promise<void> {
    await Promise.all(
      this.#sources.filter((each) => each !== source).map((each) => each.decoy(source !== undefined)),
    );
  }

  async #isIn(sources: readonly AccountSource[], name: string): Promise<boolean> {
    for (const source of sources) if ((await source.find(name)) !== undefined) return true;
    return false;
  }
}
