import { readFile, stat } from 'node:fs/promises';
import { unavailable } from '@longshore/oci';
import { parseHtpasswd, type Accounts } from './htpasswd.ts';

interface Read {
  readonly version: string;
  readonly accounts: Accounts;
}

/** A file of accounts, read again after a change. */
export class HtpasswdFile {
  readonly #path: string;
  readonly #complain: (path: string, complaint: string) => void;
  #read: Read | undefined;
  #reading: Promise<Accounts> | undefined;

  constructor(path: string, complain: (path: string, complaint: string) => void) {
    this.#path = path;
    this.#complain = complain;
  }

  /**
   * Returns the accounts that the file has now. While the file is missing nobody is admitted or refused, since it may have been deleted by mistake.
   * @throws OciError UNAVAILABLE
   */
  accounts(): Promise<Accounts> {
    this.#reading ??= this.#current().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #current(): Promise<Accounts> {
    try {
      // Compares the inode as well: `mv new htpasswd` may keep the time, and a mounted Secret swaps a link.
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (this.#read?.version === version) return this.#read.accounts;
      const accounts = parseHtpasswd(await readFile(this.#path, 'utf8'));
      for (const complaint of accounts.complaints) this.#complain(this.#path, complaint);
      this.#read = { version, accounts };
      return accounts;
    } catch (cause) {
      throw unavailable({ reason: 'the accounts cannot be read' }, 5, { cause });
    }
  }
}
