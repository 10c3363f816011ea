import type { CredentialSource, OssCredentials } from './oss-credentials.ts';

/** Milliseconds before their end at which credentials are renewed. Services issue new ones earlier than that. */
const margin = 5 * 60 * 1000;
/** Milliseconds without a new attempt after a failed renewal, while the old credentials are still valid. */
const patience = 10_000;

/** Temporary credentials that are renewed before they end. Concurrent callers share one request. */
export class RenewingCredentials implements CredentialSource {
  readonly #ask: () => Promise<OssCredentials>;
  #held: OssCredentials | undefined;
  #asking: Promise<OssCredentials> | undefined;
  #notBefore = 0;

  /** @param ask gets new credentials; throws StorageErrors */
  constructor(ask: () => Promise<OssCredentials>) {
    this.#ask = ask;
  }

  async current(): Promise<OssCredentials> {
    const held = this.#held;
    const left = held === undefined ? 0 : (held.expiresAt?.getTime() ?? Infinity) - Date.now();
    if (held !== undefined && (left > margin || (left > 0 && Date.now() < this.#notBefore))) return held;
    this.#asking ??= this.#renew();
    try {
      return await this.#asking;
    } catch (error) {
      if (held === undefined || left <= 0) throw error;
      this.#notBefore = Date.now() + patience;
      return held;
    }
  }

  refused(credentials: OssCredentials): boolean {
    if (this.#held === credentials) this.#held = undefined;
    return true;
  }

  async #renew(): Promise<OssCredentials> {
    try {
      this.#held = await this.#ask();
      return this.#held;
    } finally {
      this.#asking = undefined;
    }
  }
}
