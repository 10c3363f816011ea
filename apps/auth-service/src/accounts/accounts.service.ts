import { createHmac } from 'node:crypto';
import { ConfigurationError } from '@longshore/configuration';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ServiceLog } from '@longshore/service-kit';
import { AuthSettings } from '../auth-settings.ts';
import { HtpasswdFile } from './htpasswd-file.ts';
import { PasswordThreads } from './password-threads.ts';

/** The accounts of the htpasswd file. */
@Injectable()
export class AccountsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #file: HtpasswdFile | undefined;
  readonly #threads = new PasswordThreads();

  constructor(settings: AuthSettings, log: ServiceLog) {
    const complain = (path: string, complaint: string): void =>
      log.warn(`${path}, ${complaint}: this account cannot log in`);
    this.#file = settings.htpasswd === undefined ? undefined : new HtpasswdFile(settings.htpasswd, complain);
  }

  /** @throws ConfigurationError: a file that is not there at the start is a mistake in the configuration */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.#file?.accounts();
    } catch (cause) {
      throw new ConfigurationError(
        [{ path: 'auth.htpasswd.path', message: 'names a file that cannot be read' }],
        { cause },
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#threads.close();
  }

  /**
   * Whether this is the account's password. An unknown name takes as long as a wrong password.
   * @throws OciError UNAVAILABLE
   */
  async authenticate(username: string, password: string): Promise<boolean> {
    const accounts = await this.#file?.accounts();
    if (accounts === undefined) return false;
    const hash = accounts.hashes.get(username);
    const matches = await this.#threads.matches(password, hash ?? accounts.decoy);
    return matches && hash !== undefined;
  }

  /**
   * Changes when the account's password does, and tells nothing of it; undefined when there is no such account. What is issued for a long
   * time is bound to it, so that it ends with the account or the password.
   * @throws OciError UNAVAILABLE
   */
  async fingerprint(username: string): Promise<string | undefined> {
    const hash = (await this.#file?.accounts())?.hashes.get(username);
    return hash === undefined
      ? undefined
      : createHmac('sha256', hash).update(`longshore account ${username}`).digest('base64url');
  }
}
