import { Seal } from '@longshore/authorization';

export interface RefreshClaims {
  readonly subject: string;
  readonly service: string;
  /** Fingerprint of the password at the login (AdmittedLogin). */
  readonly account: string;
  /** Id of its family in the database. Absent in tokens of version 0.1. */
  readonly family?: string | undefined;
  /** Number of the token in its family. */
  readonly generation?: number | undefined;
  /** Seconds since 1970. The whole family ends then. */
  readonly until: number;
}

const prefix = 'lsr_';
const context = 'refresh token 1';
/** Characters. Our tokens are shorter, so a longer one is not decoded. */
const maximumLength = 2048;

/**
 * The form of refresh tokens. Opaque to clients: sealed with the deployment's secret, so every replica can read them. A refresh token cannot pass for
 * an access token, nor the other way round.
 */
export class RefreshTokens {
  readonly #seal: Seal;

  constructor(secret: string) {
    this.#seal = new Seal(secret, 'refresh tokens');
  }

  /** Two tokens with the same claims differ, and mean the same. */
  issue(claims: RefreshClaims): string {
    return prefix + this.#seal.seal(Buffer.from(JSON.stringify(claims)), context).toString('base64url');
  }

  /** @param now seconds since 1970 @returns undefined if we did not issue the token, or if it has expired */
  read(token: string, now: number): RefreshClaims | undefined {
    if (!token.startsWith(prefix) || token.length > maximumLength) return undefined;
    const plain = this.#seal.open(Buffer.from(token.slice(prefix.length), 'base64url'), context);
    const claims: unknown = plain && JSON.parse(plain.toString('utf8'));
    return isClaims(claims) && claims.until > now ? claims : undefined;
  }
}

function isClaims(value: unknown): value is RefreshClaims {
  if (typeof value !== 'object' || value === null) return false;
  const { subject, service, account, family, generation, until }: Readonly<Record<string, unknown>> = {
    ...value,
  };
  return (
    [subject, service, account].every((claim) => typeof claim === 'string') &&
    (family === undefined || typeof family === 'string') &&
    (generation === undefined || typeof generation === 'number') &&
    typeof until === 'number'
  );
}
