/** An account as its source has it now. */
export interface Account {
  /** The name that identifies it everywhere. It may differ from the one that was typed. */
  readonly name: string;
  /** Its bcrypt hash. Undefined if it has no password here, or if only the source can check passwords. */
  readonly hash?: string | undefined;
  /** Groups that are known without the password. Undefined if only the answer to a right password tells them. */
  readonly groups?: readonly string[];
  /**
   * Asks the source about a password, where it keeps them to itself.
   * @returns the groups that came with the answer; undefined for a wrong password
   * @throws OciError UNAVAILABLE
   */
  readonly ask?: (password: string) => Promise<readonly string[] | undefined>;
  /** Changes with the password, and with each new look at a source whose passwords are not seen. Not shown to anybody. */
  readonly version: string;
  /**
   * Identifies the account and its password, as far as they are seen. Refresh tokens end when it changes. Does not reveal them. Undefined if the
   * source cannot tell later whether the account is still there; then there are no refresh tokens.
   */
  readonly fingerprint: string | undefined;
  /**
   * Called for each right password, and for each use of an access token of the account.
   * @param groups those of the source: `groups`, or what `ask` returned
   * @returns all groups of the account; undefined if it must not log in
   */
  readonly admit: (groups: readonly string[]) => Promise<readonly string[] | undefined>;
}

/** A source of accounts. Sources are asked in order; the first that has a name decides about it. */
export abstract class AccountSource {
  abstract readonly name: 'htpasswd' | 'database' | 'ldap';

  /**
   * Returns the account of a name that a client sent.
   * @throws OciError UNAVAILABLE if the source cannot tell; then nobody is admitted, and nobody refused
   */
  abstract find(username: string): Promise<Account | undefined>;

  /** Returns the highest cost of its bcrypt hashes; 0 for a source that has no hashes. */
  abstract highestCost(): Promise<number>;

  /**
   * Takes as long as the answer "wrong password" of the source, for a name that it does not have. Never rejects.
   * @param isFound false if `find` has been called for the name
   */
  decoy(_isFound: boolean): Promise<void> {
    return Promise.resolve();
  }
}
