import { readFile } from 'node:fs/promises';
import { type Configuration, ConfigurationError } from '@longshore/configuration';

export interface ProviderSettings {
  /** In URLs and in the database. */
  readonly name: string;
  /** On the page. */
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Reads the client's secret. Undefined for a public client. */
  readonly clientSecret: () => Promise<string | undefined>;
  readonly scopes: readonly string[];
  /** Paths of claims. */
  readonly claims: Readonly<Record<'name' | 'email' | 'groups', string>>;
  readonly carriedClaims: readonly string[];
  /** Empty: everybody whom the provider knows may log in. */
  readonly allowedGroups: readonly string[];
}

export interface OidcSettings {
  /** `http.host` without a trailing slash. Redirect URIs and links begin with it, whatever host a request names. */
  readonly baseUrl: string;
  /** Seals tokens and cookies. */
  readonly secret: string;
  readonly providers: readonly ProviderSettings[];
  /** Seconds. */
  readonly sessionLife: number;
  /** Seconds. */
  readonly deviceLife: number;
  /** Seconds until the provider has to confirm a person again. */
  readonly refresh: number;
  /** Longest time in seconds that a session counts without a confirmation. */
  readonly confirmation: number;
}

type Section = NonNullable<NonNullable<Configuration['auth']>['oidc']>;

/** @throws ConfigurationError without `http.host` or `http.secret` */
export function oidcSettingsOf({ auth, http }: Configuration): OidcSettings | undefined {
  const section = auth?.oidc;
  if (section === undefined) return undefined;
  const { host, secret } = http;
  if (host === undefined || secret === undefined)
    throw new ConfigurationError([
      {
        path: host === undefined ? 'http.host' : 'http.secret',
        message:
          'is required with auth.oidc: providers know the registry by its URL, and its secret seals their tokens',
      },
    ]);
  return {
    baseUrl: host.replace(/\/+$/, ''),
    secret,
    providers: section.providers.map(providerSettings),
    sessionLife: seconds(section.sessionlife),
    deviceLife: seconds(section.devicelife),
    refresh: seconds(section.refresh),
    confirmation: seconds(section.confirmation),
  };
}

const seconds = (milliseconds: number): number => Math.max(1, Math.floor(milliseconds / 1000));

function providerSettings(provider: Section['providers'][number]): ProviderSettings {
  const { name, title, issuer, clientid, clientsecret, clientsecretfile, scopes, claims } = provider;
  return {
    name,
    title: title ?? name,
    issuer,
    clientId: clientid,
    clientSecret: async () =>
      clientsecretfile === undefined ? clientsecret : (await readFile(clientsecretfile, 'utf8')).trim(),
    scopes,
    claims: { name: claims.name, email: claims.email, groups: claims.groups },
    carriedClaims: provider.carriedclaims,
    allowedGroups: provider.allowedgroups,
  };
}
