import type { CredentialSource, OssCredentials } from './oss-credentials.ts';

/** Credentials are renewed so long before they end: services hand out new ones earlier than that. Milliseconds. */
const margin = 5 * 60 * 1000;
/** When the new ones could not be had and the old ones are still good, nobody is asked again for so long. Milliseconds. */
const patience = 10_000;

/** Temporary credentials, renewed before they end, with one request at a time however many wait for it. */
export class RenewingCredentials implements CredentialSource {
  readonly #ask: () => Promise<OssCredentials>;
  #held: OssCredentials | undefined;
  #asking: Promise<OssCredentials> | undefined;
  #notBefore = 0;

  /** @param ask throws StorageErrors */
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
