import type { Identity } from '@longshore/authorization';
import { type Database, personOfSource, tokenLogin, type TokenLogin } from '@longshore/metadata';
import type { ServiceLog } from '@longshore/service-kit';
import type { AccountSources } from './sources/account-sources.ts';
import { TokenUses } from './token-uses.ts';

type Owner = Pick<Identity, 'groups' | 'claims'>;

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
    const owner = login && (await this.#ownerOf(login));
    if (login === undefined || owner === undefined) return undefined;
    const { id, holder, limits, expiresAt } = login;
    this.#uses.used(id);
    const identity: Identity = {
      kind: holder.user === undefined ? 'robot' : 'user',
      subject: holder.user ?? holder.robot,
      ...owner,
      credential: { kind: 'access-token', id },
      ...(limits !== undefined && { limits }),
    };
    return { identity, expiresAt: expiresAt?.getTime() };
  }

  async close(): Promise<void> {
    await this.#uses.flush();
  }

  /**
   * A token of a user of a directory or an identity provider ends when the user has no access there any more, and has the groups that the user has
   * there now; at an identity provider also the claims, as they were when it last confirmed the user.
   */
  async #ownerOf({ holder, groups, external }: TokenLogin): Promise<Owner | undefined> {
    if (external === undefined || holder.user === undefined) return { groups, claims: {} };
    if (external.source.startsWith('oidc:')) {
      const person = await personOfSource(this.#database.db, external.source, external.id);
      return person === undefined || person.hasEnded ? undefined : { groups, claims: person.claims };
    }
    const source = this.#sources.named(external.source);
    if (source === undefined) return { groups, claims: {} };
    const account = await source.find(holder.user);
    if (account === undefined) return undefined;
    const admitted = account.groups === undefined ? groups : await account.admit(account.groups);
    return admitted && { groups: admitted, claims: {} };
  }
}
