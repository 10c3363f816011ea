import type { PageAnswer, PageCall } from '@longshore/messaging';
import { Database, type Session } from '@longshore/metadata';
import { OciError } from '@longshore/oci';
import { Egress, runLoop, ServiceLog } from '@longshore/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.ts';
import { AuthSettings } from '../auth-settings.ts';
import { Confirmations } from './confirmations.ts';
import { LoginDesk } from './login-desk.ts';
import { providersOf } from './providers.ts';

/** Milliseconds between two looks at the logins that are due. */
const interval = 1000;

/** Login by OpenID Connect, if the configuration has providers. */
@Injectable()
export class LoginService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #desk: LoginDesk | undefined;
  readonly #confirmations: Confirmations | undefined;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(
    { oidc, egress }: AuthSettings,
    database: Database,
    accounts: AccountsService,
    private readonly log: ServiceLog,
  ) {
    if (oidc === undefined) return;
    const providers = providersOf(oidc, new Egress(egress));
    this.#desk = new LoginDesk({
      settings: oidc,
      database,
      providers,
      isTaken: (userName) => accounts.has(userName),
      refused: (refused, provider) =>
        log.warn('a login was refused', { provider, reason: refused.reason, cause: causeOf(refused) }),
    });
    this.#confirmations = new Confirmations({ database, settings: oidc, providers, log });
  }

  onApplicationBootstrap(): void {
    const confirmations = this.#confirmations;
    if (confirmations === undefined) return;
    this.#loop = runLoop({
      step: () => confirmations.step(),
      interval,
      signal: this.#closing.signal,
      failed: (fault) => this.log.error(fault, 'logins could not be confirmed'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  /** @throws OciError NOT_FOUND without providers; for a request that no page of ours makes */
  answer(call: PageCall): Promise<PageAnswer> {
    if (this.#desk === undefined)
      throw new OciError('NOT_FOUND', { reason: 'this registry has no login by OpenID Connect' });
    return this.#desk.answer(call);
  }

  /** Returns the session whose access secret this is, with the groups of now. Undefined if it has ended. */
  async sessionWith(accessSecret: string): Promise<Session | undefined> {
    return this.#desk?.sessions.withAccess(accessSecret);
  }
}

/** What a library says of a failure. It names no token and no code. */
function causeOf({ cause }: Error): string | undefined {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined;
}
