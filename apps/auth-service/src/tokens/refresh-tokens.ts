import { Seal } from '@longshore/authorization';

export interface RefreshClaims {
  readonly subject: string;
  readonly service: string;
  /** AccountsService.fingerprint at the time of the login. */
  readonly account: string;
}

const prefix = 'lsr_';
const context = 'refresh token 1';
/** Characters. Our tokens are shorter, so a longer one is not decoded. */
const maximumLength = 2048;

/**
 * Tokens that docker login keeps instead of the password. Opaque to clients: sealed with the deployment's secret, so every replica can read them. A
 * refresh token cannot pass for an access token, nor the other way round. They end with their account or its password.
 */
export class RefreshTokens {
  readonly #seal: Seal;
  readonly #lifetime: number;

  /** @param lifetime seconds */
  constructor(secret: string, lifetime: number) {
    this.#seal = new Seal(secret, 'refresh tokens');
    this.#lifetime = lifetime;
  }

  issue({ subject, service, account }: RefreshClaims, now: number): string {
    const plain = JSON.stringify({ subject, service, account, until: now + this.#lifetime });
    return prefix + this.#seal.seal(Buffer.from(plain), context).toString('base64url');
  }

  /** @param now seconds since 1970 @returns undefined if we did not issue the token, or if it has expired */
  read(token: string, now: number): RefreshClaims | undefined {
    if (!token.startsWith(prefix) || token.length > maximumLength) return undefined;
    const plain = this.#seal.open(Buffer.from(token.slice(prefix.length), 'base64url'), context);
    const claims: unknown = plain && JSON.parse(plain.toString('utf8'));
    if (!isClaims(claims) || claims.until <= now) return undefined;
    return { subject: claims.subject, service: claims.service, account: claims.account };
  }
}

function isClaims(value: unknown): value is RefreshClaims & { readonly until: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { subject, service, account, until } = {
    subject: undefined,
    service: undefined,
    account: undefined,
    until: undefined,
    ...value,
  };
  return [subject, service, account].every((claim) => typeof claim === 'string') && typeof until === 'number';
}
