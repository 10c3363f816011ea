import { type Configuration, ConfigurationError, usesExternalTokens } from '@longshore/configuration';

export interface TokenSettings {
  readonly issuer: string;
  /** The audience of tokens. */
  readonly service: string;
  /** Life of an access token. Seconds. */
  readonly lifetime: number;
  /** Life of a refresh token. Seconds. */
  readonly refreshLifetime: number;
  /** Seals private keys in the database and refresh tokens. */
  readonly secret: string;
}

/** Auth-service's slice of the configuration. */
export class AuthSettings {
  /** Path of the htpasswd file; undefined where there are no accounts, and then nobody is let in. */
  readonly htpasswd: string | undefined;
  /** Undefined where tokens come from an external server, or none are used. */
  readonly tokens: TokenSettings | undefined;

  /** @throws ConfigurationError when tokens of ours are wanted and there is no secret to seal their keys with */
  constructor({ auth, http }: Configuration) {
    this.htpasswd = auth?.htpasswd?.path;
    const { token } = auth ?? {};
    if (token === undefined || usesExternalTokens(token)) return;
    if (http.secret === undefined) {
      throw new ConfigurationError([
        {
          path: 'http.secret',
          message:
            'is required with auth.token: it seals the signing keys, and must be the same on every replica',
        },
      ]);
    }
    this.tokens = {
      issuer: token.issuer,
      service: token.service,
      lifetime: Math.floor(token.expiration / 1000),
      refreshLifetime: Math.floor(token.refreshexpiration / 1000),
      secret: http.secret,
    };
  }
}
