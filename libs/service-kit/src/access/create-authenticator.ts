import {
  type ChallengeSettings,
  FileKeys,
  KeySource,
  type PolicyRights,
  type KeySet,
  signatureAlgorithms,
  signingAlgorithms,
  type TrustedIssuer,
  TokenVerifier,
} from '@longshore/authorization';
import { type Configuration, hasAccounts, isKeyUrl } from '@longshore/configuration';
import { series } from '@longshore/telemetry';
import type { ServiceContext } from '../bootstrap/start-service.ts';
import { Egress, type EgressSettings } from '../egress/egress.ts';
import type { ClientFacts } from '../http/client-facts.ts';
import { AccessFeed, type AskForChanges } from './access-feed.ts';
import { type Authenticator, NoAuthentication } from './authenticator.ts';
import { CredentialAuthenticator } from './credential-authenticator.ts';
import { PasswordCache, type PasswordCheck } from './password-cache.ts';
import { JoinedKeys, UrlKeys } from './url-keys.ts';
import { workloadIssuer } from './workload-issuer.ts';

/** The questions that gateway and blob-service ask auth-service. */
export interface AuthService {
  readonly authenticate: PasswordCheck;
  readonly keys: () => Promise<KeySet>;
  readonly changes: AskForChanges;
  /** @param provider its name in `auth.workloads` */
  readonly workloadKeys: (provider: string) => Promise<KeySet>;
}

/** Creates the configured authenticator. Without `auth` every client is anonymous, as in `registry:2`. */
export function createAuthenticator(
  context: Pick<ServiceContext, 'config' | 'metrics' | 'lifecycle' | 'log'>,
  service: AuthService,
  rights: PolicyRights,
): Authenticator {
  const { auth, egress } = context.config;
  // Every door has the series; it has a sample where there is something to know.
  let feed: AccessFeed | undefined;
  context.metrics.watchGauge(series.accessAge, (set) => feed && set({}, feed.age));
  if (auth === undefined) return new NoAuthentication();
  const { htpasswd, token, workloads } = auth;
  const issuers = [
    ...(token === undefined ? [] : [trustedIssuer(token, service, egress)]),
    ...workloads.map((provider) =>
      workloadIssuer(provider, new ServiceKeys(() => service.workloadKeys(provider.name))),
    ),
  ];
  feed = new AccessFeed(service.changes, {
    keysChanged: () => tokens?.refreshKeys(),
    rulesChanged: (rules) =>
      rights.add(rules).catch((error: unknown) => {
        context.log.error(
          error,
          'the rules of the database cannot be compiled; the known ones stay in force',
        );
      }),
  });
  const { marks } = feed;
  const tokens = issuers.length === 0 ? undefined : new TokenVerifier({ issuers, marks });
  start(feed, context);
  return new CredentialAuthenticator({
    feed,
    // People of an identity provider have no password, and may have access tokens.
    passwords:
      hasAccounts(auth) || auth.oidc !== undefined
        ? new PasswordCache(service.authenticate, marks)
        : undefined,
    tokens,
    challenge: (client): ChallengeSettings | undefined => {
      if (token !== undefined)
        return { kind: 'bearer', realm: realmOf(token, client), service: token.service };
      return !hasAccounts(auth) && workloads.length === 0
        ? undefined
        : { kind: 'basic', realm: htpasswd?.realm ?? 'Registry Realm' };
    },
  });
}

function start(feed: AccessFeed, { lifecycle }: Pick<ServiceContext, 'lifecycle'>): void {
  lifecycle.onClose('access feed', () => feed.close());
  feed.start();
}

type TokenSettings = NonNullable<NonNullable<Configuration['auth']>['token']>;

function trustedIssuer(token: TokenSettings, service: AuthService, egress: EgressSettings): TrustedIssuer {
  const { jwks, rootcertbundle, issuer, service: audience } = token;
  const external = jwks !== undefined || rootcertbundle !== undefined;
  const accepted = signatureAlgorithms.filter((algorithm) =>
    (token.signingalgorithms as readonly string[]).includes(algorithm),
  );
  return external
    ? { issuer, audience, own: false, algorithms: accepted, keys: externalKeys(token, egress) }
    : { issuer, audience, own: true, algorithms: signingAlgorithms, keys: new ServiceKeys(service.keys) };
}

function externalKeys({ jwks, rootcertbundle }: TokenSettings, egress: EgressSettings): KeySource {
  if (!isKeyUrl(jwks)) return new FileKeys({ jwks, rootcertbundle });
  const atUrl = new UrlKeys(new Egress(egress), jwks);
  return rootcertbundle === undefined ? atUrl : new JoinedKeys([atUrl, new FileKeys({ rootcertbundle })]);
}

/** Asks auth-service for keys. */
class ServiceKeys extends KeySource {
  readonly #ask: () => Promise<KeySet>;

  constructor(ask: () => Promise<KeySet>) {
    super();
    this.#ask = ask;
  }

  override keys(): Promise<KeySet> {
    return this.#ask();
  }
}

/**
 * Returns the realm. By default it is on the registry's own address: clients refuse a realm on another host if the registry's address is private
 * (go-containerregistry, validateRealmURL).
 */
function realmOf(token: TokenSettings, { baseUrl }: ClientFacts): string {
  if (token.realm !== undefined && !token.autoredirect) return token.realm;
  return `${baseUrl}${token.autoredirectpath}`;
}
