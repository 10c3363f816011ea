import type { SigningAlgorithm } from '@longshore/authorization';
import { type Configuration, ConfigurationError, usesExternalTokens } from '@longshore/configuration';
import type { EgressSettings } from '@longshore/service-kit';
import { type OidcSettings, oidcSettingsOf } from './oidc/oidc-settings.ts';

export interface TokenSettings {
  readonly issuer: string;
  /** The audience of tokens. */
  readonly service: string;
  /** Seconds that an access token lives. */
  readonly lifetime: number;
  /** Seconds that a refresh token lives. */
  readonly refreshLifetime: number;
  /** Algorithm of new signing keys. */
  readonly keyAlgorithm: SigningAlgorithm;
  /** Seconds until a signing key is replaced. */
  readonly keyLifetime: number;
  /** Seals refresh tokens, and the private keys in the database. */
  readonly secret: string;
}

/** An identity provider whose tokens are accepted. */
export type WorkloadProvider = NonNullable<Configuration['auth']>['workloads'][number];

/** The part of the configuration that auth-service uses. */
export class AuthSettings {
  /** Path of the htpasswd file. Undefined if there is none. */
  readonly htpasswd: string | undefined;
  /** True if the database has accounts. */
  readonly database: boolean;
  /** The directory with accounts, if there is one. */
  readonly ldap: NonNullable<Configuration['auth']>['ldap'];
  /** Seconds that an entry of the audit log is kept; 0: for ever. */
  readonly auditRetention: number;
  /** Undefined if tokens come from an external server, or if tokens are not used. */
  readonly tokens: TokenSettings | undefined;
  readonly workloads: readonly WorkloadProvider[];
  readonly egress: EgressSettings;

  /** Undefined without login by OpenID Connect. */
  readonly oidc: OidcSettings | undefined;
  /** The settings of tokens, for code that runs only where tokens are issued. @throws Error elsewhere */
  get issuance(): TokenSettings {
    if (this.tokens === undefined) throw new Error('this registry issues no tokens');
    return this.tokens;
  }

  /** @throws ConfigurationError if the registry should issue tokens and has no secret to seal their keys with */
  constructor(configuration: Configuration) {
    const { audit, auth, egress, http } = configuration;
    this.oidc = oidcSettingsOf(configuration);
    this.workloads = auth?.workloads ?? [];
    this.egress = egress;
    this.auditRetention = audit.retention / 1000;
    this.htpasswd = auth?.htpasswd?.path;
    this.database = auth?.database !== undefined;
    this.ldap = auth?.ldap;
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
      keyAlgorithm: token.keys.algorithm,
      keyLifetime: Math.floor(token.keys.lifetime / 1000),
      secret: http.secret,
    };
  }
}
