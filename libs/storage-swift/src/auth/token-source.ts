import type { Session } from './session.ts';
import { StorageError } from '@longshore/storage';

/** Milliseconds before its end at which a token is renewed; a tenth of its lifetime if that is less. */
const longestLead = 60_000;
/** Milliseconds for which a refusal is remembered. Retrying at once could lock the account (Keystone's security_compliance). */
const refusalStands = 5_000;

/** Keeps the current session. Concurrent callers share one sign-in. */
export class TokenSource {
  readonly #signIn: () => Promise<Session>;
  #session: { readonly session: Session; readonly renewAt: number } | undefined;
  #asking: Promise<Session> | undefined;
  #refusal: { readonly error: StorageError; readonly until: number } | undefined;

  constructor(signIn: () => Promise<Session>) {
    this.#signIn = signIn;
  }

  async current(): Promise<Session> {
    const known = this.#session;
    if (known === undefined) return this.#ask();
    if (performance.now() < known.renewAt) return known.session;
    // The old token still works for a while, so a slow identity service makes no call fail or wait.
    this.#ask().catch(() => undefined);
    return known.session;
  }

  /** Returns a session other than the one whose token was refused. */
  async instead(refused: Session): Promise<Session> {
    if (this.#session?.session === refused) this.#session = undefined;
    return this.#session?.session ?? this.#ask();
  }

  #ask(): Promise<Session> {
    const { error, until } = this.#refusal ?? { until: 0 };
    if (error !== undefined && performance.now() < until) return Promise.reject(error);
    this.#asking ??= this.#signedIn().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #signedIn(): Promise<Session> {
    try {
      const session = await this.#signIn();
      const { lifetime = Infinity } = session;
      const renewAt = performance.now() + lifetime - Math.min(longestLead, lifetime / 10);
      this.#session = { session, renewAt };
      this.#refusal = undefined;
      return session;
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'denied')
        this.#refusal = { error, until: performance.now() + refusalStands };
      throw error;
    }
  }
}
