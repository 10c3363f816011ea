import { accountFingerprint } from '@longshore/authorization';
import { type Account, AccountSource } from './account-source.ts';
import type { HtpasswdFile } from './htpasswd-file.ts';

/** The cost of decoys while the file has no account. */
const ordinaryCost = 10;

/** The accounts of the htpasswd file. They have no groups. */
export class HtpasswdSource extends AccountSource {
  override readonly name = 'htpasswd';
  readonly #file: HtpasswdFile;

  constructor(file: HtpasswdFile) {
    super();
    this.#file = file;
  }

  override async find(username: string): Promise<Account | undefined> {
    const hash = (await this.#file.accounts()).hashes.get(username);
    if (hash === undefined) return undefined;
    const fingerprint = accountFingerprint(username, hash);
    return { name: username, hash, groups: [], version: hash, fingerprint, admit: () => Promise.resolve([]) };
  }

  override async highestCost(): Promise<number> {
    return (await this.#file.accounts()).highestCost || ordinaryCost;
  }
}
