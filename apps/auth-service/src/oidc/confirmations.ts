import {
  confirmLogin,
  type Database,
  type DueLogin,
  dueLogin,
  endUnconfirmedLogin,
  expireSessions,
  postponeConfirmation,
} from '@longshore/metadata';
import type { ServiceLog, StepOutcome } from '@longshore/service-kit';
import { backoff } from '@longshore/telemetry';
import type { OidcSettings } from './oidc-settings.ts';
import type { OidcProvider } from './provider.ts';
import { SealedTokens } from './provider-tokens.ts';

/** Seconds that a replica has to confirm a login. Longer than the requests to a provider may take. */
const lease = 60;
/** Seconds until a provider that did not answer is asked again. */
const pause = { first: 2, longest: 300 };
/** Milliseconds. */
const expiryInterval = 60_000;

export interface ConfirmationParts {
  readonly database: Database;
  readonly settings: OidcSettings;
  readonly providers: ReadonlyMap<string, OidcProvider>;
  readonly log: ServiceLog;
}

/**
 * Has the providers confirm the people who are logged in: a group that was removed, and a person who was, count no longer. Any number of replicas
 * may do this.
 */
export class Confirmations {
  readonly #parts: ConfirmationParts;
  readonly #tokens: SealedTokens;
  #expiredAt = 0;

  constructor(parts: ConfirmationParts) {
    this.#parts = parts;
    this.#tokens = new SealedTokens(parts.settings.secret);
  }

  async step(): Promise<StepOutcome> {
    const { db } = this.#parts.database;
    if (Date.now() - this.#expiredAt > expiryInterval) {
      await expireSessions(db);
      this.#expiredAt = Date.now();
    }
    const due = await dueLogin(db, lease);
    if (due === undefined) return 'idle';
    await this.#confirm(due);
    return 'worked';
  }

  async #confirm(due: DueLogin): Promise<void> {
    const { database, settings, log } = this.#parts;
    const { id, provider: name, externalId, attempts } = due;
    const provider = this.#parts.providers.get(name);
    // A provider that the configuration no longer names confirms nobody.
    if (provider === undefined) return endUnconfirmedLogin(database.db, id);
    try {
      const confirmed = await provider.confirm(this.#tokens.open(due.tokens, id), externalId);
      if (confirmed === undefined) {
        log.info('a provider confirms a login no longer; its sessions have ended', {
          provider: name,
          login: id,
        });
        return await endUnconfirmedLogin(database.db, id);
      }
      const { person, tokens } = confirmed;
      const sealed = this.#tokens.seal(tokens, id);
      await confirmLogin(database.db, { id, person, tokens: sealed, confirmSeconds: settings.refresh });
    } catch (error) {
      log.error(error, `the provider ${name} could not confirm a login; it is asked again`);
      await postponeConfirmation(database.db, id, backoff(attempts, pause));
    }
  }
}
