import { randomBytes } from 'node:crypto';
import { AccountError, accountFingerprint, isAccountName, RecentMap } from '@longshore/authorization';
import { type Database, rememberExternalUser } from '@longshore/metadata';
import type { ServiceLog } from '@longshore/service-kit';
import { type Client, ResultCodeError } from 'ldapts';
import { type Account, AccountSource } from '../account-source.ts';
import { Directory } from './directory.ts';
import { escaped, filled } from './escape.ts';
import type { LdapSettings } from './ldap-settings.ts';
import { readUser, type UserEntry, userEntries } from './user-entry.ts';

export interface LdapParts {
  readonly settings: LdapSettings;
  /** Remembers who has logged in, for groups, access tokens and disabled users. Undefined if the database has no accounts. */
  readonly database: Database | undefined;
  readonly log: ServiceLog;
}

/** Characters. Longer names are not asked about. */
const longestName = 256;
const mostRemembered = 10_000;

/**
 * Answers to a bind that refuse the password: invalidCredentials, and those for names that cannot log in (inappropriateAuthentication, noSuchObject,
 * invalidDNSyntax, unwillingToPerform, constraintViolation). Every other answer means that the directory could not tell.
 */
const refusals: ReadonlySet<number> = new Set([49, 48, 32, 34, 53, 19]);

interface Remembered {
  readonly account: Account | undefined;
  readonly until: number;
}

/** The users of a directory. Their passwords are proved by binding as them. */
export class LdapSource extends AccountSource {
  override readonly name = 'ldap';
  readonly #parts: LdapParts;
  readonly #directory: Directory;
  readonly #remembered = new RecentMap<string, Remembered>(mostRemembered);

  constructor(parts: LdapParts) {
    super();
    this.#parts = parts;
    this.#directory = new Directory(parts.settings);
  }

  override async find(username: string): Promise<Account | undefined> {
    if (username.length > longestName) return undefined;
    const known = this.#remembered.get(username);
    if (known !== undefined && known.until > Date.now()) return known.account;
    const account = await this.#find(username);
    const until = Date.now() + this.#parts.settings.recheck;
    this.#remembered.set(username, { account, until });
    return account;
  }

  override highestCost(): Promise<number> {
    return Promise.resolve(0);
  }

  override async decoy(isFound: boolean): Promise<void> {
    const nobody = randomBytes(12).toString('hex');
    const { search } = this.#parts.settings;
    try {
      if (isFound) await this.#find(nobody);
      await this.#bind(search === undefined ? this.#dnOf(nobody) : `cn=${nobody},${search.base}`, nobody);
    } catch (error) {
      // The password is wrong in any case.
      this.#parts.log.warn('the directory did not answer', {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #find(username: string): Promise<Account | undefined> {
    return this.#parts.settings.search === undefined
      ? Promise.resolve(this.#byName(username))
      : this.#bySearch(username, this.#parts.settings.search);
  }

  /** Without a search the directory is asked only with the password. */
  #byName(username: string): Account | undefined {
    const name = username.toLowerCase();
    if (!isAccountName(name)) return undefined;
    const dn = this.#dnOf(name);
    let id = dn.toLowerCase();
    return {
      name,
      ask: async (password) => {
        const entry = await this.#bind(dn, password, (client) => this.#ownEntry(client, dn));
        id = entry?.id ?? id;
        return entry?.groups;
      },
      version: `${dn} ${Date.now()}`,
      // A refresh token could not tell that the directory has removed the user.
      fingerprint: undefined,
      admit: (groups) => this.#admit(name, id, groups),
    };
  }

  async #bySearch(
    username: string,
    { base, filter, binddn = '', password = '' }: NonNullable<LdapSettings['search']>,
  ): Promise<Account | undefined> {
    const { settings, log } = this.#parts;
    const users = await this.#directory.converse(async (client) => {
      await client.bind(binddn, password);
      const where = { base, scope: 'sub', filter: filled(filter, { name: escaped(username) }) } as const;
      const entries = await userEntries(client, settings, where);
      return entries.length === 1
        ? Promise.all(entries.map((entry) => readUser(client, settings, entry)))
        : entries.length;
    });
    if (users === 0) return undefined;
    const [user] = typeof users === 'number' ? [] : users;
    if (user?.name === undefined || !isAccountName(user.name)) {
      log.warn(
        user === undefined
          ? 'auth.ldap.search.filter finds several entries for one name: it cannot log in'
          : `an entry of the directory has no ${settings.attributes.name} that can be an account's name: it cannot log in`,
        { dn: user?.dn },
      );
      return undefined;
    }
    return this.#accountOf(user, user.name);
  }

  #accountOf({ dn, id, groups, passwordChanged }: UserEntry, name: string): Account {
    return {
      name,
      groups,
      ask: async (secret) =>
        (await this.#bind(dn, secret, () => Promise.resolve(true))) ? groups : undefined,
      version: `${dn} ${Date.now()}`,
      fingerprint: accountFingerprint(name, `${id} ${passwordChanged}`),
      admit: (all) => this.#admit(name, id, all),
    };
  }

  /**
   * Binds with a password, and does something then.
   * @returns undefined if the password is wrong
   * @throws OciError UNAVAILABLE if the directory does not answer, or answers neither yes nor no
   */
  async #bind<T>(
    dn: string,
    password: string,
    then?: (client: Client) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#directory.converse(async (client) => {
      try {
        await client.bind(dn, password);
      } catch (error) {
        if (error instanceof ResultCodeError && refusals.has(error.code)) return undefined;
        throw error;
      }
      return then?.(client);
    });
  }

  /** Reads the entry of the user who has bound. A name such as ann@example.org is none of an entry. */
  async #ownEntry(client: Client, dn: string): Promise<Pick<UserEntry, 'id' | 'groups'>> {
    const { settings } = this.#parts;
    const where = { base: dn, scope: 'base', filter: '(objectClass=*)' } as const;
    const [entry] = dn.includes('=') ? await userEntries(client, settings, where) : [];
    return entry === undefined ? { id: dn.toLowerCase(), groups: [] } : readUser(client, settings, entry);
  }

  #dnOf(name: string): string {
    const { userdn = '' } = this.#parts.settings;
    return filled(userdn, { name: userdn.includes('=') ? escaped(name) : name });
  }

  async #admit(
    name: string,
    externalId: string,
    groups: readonly string[],
  ): Promise<readonly string[] | undefined> {
    const { database, log } = this.#parts;
    if (database === undefined) return groups;
    try {
      const user = await rememberExternalUser(database.db, { source: this.name, externalId, name, groups });
      return user.disabled ? undefined : user.groups;
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      log.warn(`${name} of the directory cannot log in: ${error.message}`);
      return undefined;
    }
  }
}
