import type { Identity } from '@longshore/authorization';
import { type Database, tokenLogin, type TokenLogin } from '@longshore/metadata';
import type { ServiceLog } from '@longshore/service-kit';
import type { AccountSources } from './sources/account-sources.ts';
import { TokenUses } from './token-uses.ts';

/** Identifies users and robots by their access tokens. Asks the database each time: a revoked token is known as such at once. */
export class AccessTokens {
  readonly #database: Database;
  readonly #sources: AccountSources;
  readonly #uses: TokenUses;

  constructor(database: Database, sources: AccountSources, log: ServiceLog) {
    this.#database = database;
    this.#sources = sources;
    this.#uses = new TokenUses(database, log);
  }

  /**
   * @returns undefined for a token that is unknown, revoked or expired, or whose owner is disabled
   * @throws OciError UNAVAILABLE
   */
  async identify(secret: string): Promise<{ identity: Identity; expiresAt: number | undefined } | undefined> {
    const login = await tokenLogin(this.#database.db, secret);
    const groups = login && (await this.#groupsOf(login));
    if (login === undefined || groups === undefined) return undefined;
    const { id, holder, limits, expiresAt } = login;
    this.#uses.used(id);
    const identity: Identity = {
      kind: holder.user === undefined ? 'robot' : 'user',
      subject: holder.user ?? holder.robot,
      groups,
      claims: {},
      credential: { kind: 'access-token', id },
      ...(limits !== undefined && { limits }),
    };
    return { identity, expiresAt: expiresAt?.getTime() };
  }

  async close(): Promise<void> {
    await this.#uses.flush();
  }

  /** A token of a user of a directory ends when the directory no longer has the user, and has the groups that the user has there now. */
  async #groupsOf({ holder, groups, external }: TokenLogin): Promise<readonly string[] | undefined> {
    const source = external && this.#sources.named(external.source);
    if (source === undefined || holder.user === undefined) return groups;
    const account = await source.find(holder.user);
    if (account === undefined) return undefined;
    return account.groups === undefined ? groups : account.admit(account.groups);
  }
}
