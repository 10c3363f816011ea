import * as client from 'openid-client';
import { LoginRefused } from './login-refused.ts';
import type { ProviderSettings } from './oidc-settings.ts';
import { type Claims, personOf } from './person.ts';
import { readLogoutToken, type LogoutToken } from './logout-token.ts';

/** Sends a request to the provider, within bounds of time and size, and without redirects. */
export type ProviderFetch = (
  url: string,
  request: {
    readonly method: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
) => Promise<Response>;

/** The tokens of a login that are used again. */
export interface ProviderTokens {
  readonly refresh?: string;
  /** Names the login to the provider when the person logs out. */
  readonly id?: string;
}

export interface ProviderLogin extends ReturnType<typeof personOf> {
  readonly tokens: ProviderTokens;
  readonly session: string | undefined;
  /** True if the provider granted access while the person is away. */
  readonly isOffline: boolean;
}

export interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Milliseconds. */
const discoveryLife = 3_600_000;
/** Milliseconds that the provider's keys are used without being read again: a login with a new key would fail for so long. */
const keysLife = 10_000;

/** One provider, by OpenID Connect's authorization code flow with PKCE, state and nonce. */
export class OidcProvider {
  readonly settings: ProviderSettings;
  readonly #redirectUri: string;
  readonly #fetch: ProviderFetch;
  #metadata: { readonly value: Promise<client.ServerMetadata>; readonly at: number } | undefined;
  #client:
    | { readonly value: client.Configuration; readonly secret: string | undefined; readonly at: number }
    | undefined;

  constructor(settings: ProviderSettings, baseUrl: string, fetch: ProviderFetch) {
    this.settings = settings;
    this.#redirectUri = `${baseUrl}/auth/callback/${settings.name}`;
    this.#fetch = fetch;
  }

  /** Returns the URL at which the person logs in, and the secrets that the callback is checked with. @throws LoginRefused */
  async begin(): Promise<Secrets & { readonly url: string }> {
    const configuration = await this.#configuration();
    const verifier = client.randomPKCECodeVerifier();
    const secrets = { state: client.randomState(), nonce: client.randomNonce(), verifier };
    const { scopes } = this.settings;
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: scopes.join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: secrets.state,
      nonce: secrets.nonce,
      // OpenID Connect Core, section 11: without consent the provider must ignore offline_access.
      ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
    });
    return { ...secrets, url: url.href };
  }

  /**
   * Checks the callback and fetches the person. The library checks state, `iss` (RFC 9207), nonce, the ID token's signature, issuer and audience.
   * @throws LoginRefused
   */
  async finish(query: URLSearchParams, { state, nonce, verifier }: Secrets): Promise<ProviderLogin> {
    const configuration = await this.#configuration();
    const callback = new URL(this.#redirectUri);
    callback.search = query.toString();
    try {
      const answer = await client.authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = answer.claims();
      if (claims === undefined) throw new LoginRefused('wrong answer');
      const all = await this.#allClaims(configuration, answer.access_token, claims);
      const { sid } = claims;
      return {
        ...personOf(all, this.settings),
        tokens: tokensOf(answer),
        session: typeof sid === 'string' && sid.length <= 255 ? sid : undefined,
        // RFC 6749, section 5.1: no scope in the answer means the one that was asked for.
        isOffline: (answer.scope?.split(' ') ?? this.settings.scopes).includes('offline_access'),
      };
    } catch (cause) {
      throw refusalOf(cause);
    }
  }

  /**
   * Asks the provider whether the person still has access, and for the groups.
   * @returns undefined if the provider, or the configuration, grants no access any more
   * @throws Error if the provider cannot be asked now
   */
  async confirm(
    tokens: ProviderTokens,
    externalId: string,
  ): Promise<Pick<ProviderLogin, 'person' | 'tokens'> | undefined> {
    if (tokens.refresh === undefined) throw new Error('the login has no refresh token');
    const configuration = await this.#configuration();
    try {
      const answer = await client.refreshTokenGrant(configuration, tokens.refresh);
      const claims = answer.claims() ?? { sub: externalId };
      if (claims.sub !== externalId) return undefined;
      const { person } = personOf(
        await this.#allClaims(configuration, answer.access_token, claims),
        this.settings,
      );
      return { person, tokens: { ...tokens, ...tokensOf(answer) } };
    } catch (error) {
      if (isEnd(error)) return undefined;
      throw error;
    }
  }

  /** Returns the URL at which the person also logs out of the provider. Undefined if the provider has none. */
  async logoutUrl({ id }: ProviderTokens, returnTo: string): Promise<string | undefined> {
    const configuration = await this.#configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: returnTo,
      ...(id === undefined ? {} : { id_token_hint: id }),
    }).href;
  }

  /** @throws LoginRefused for a token that is not this provider's, for us, and new */
  async readLogoutToken(token: string): Promise<LogoutToken> {
    const { jwks_uri: keys } = (await this.#configuration()).serverMetadata();
    if (keys === undefined) throw new LoginRefused('wrong answer');
    const { issuer, clientId: audience } = this.settings;
    const fetch = (url: string): Promise<Response> => this.#fetch(url, { method: 'GET', headers: {} });
    return readLogoutToken(token, { issuer, audience, keys, fetch });
  }

  /** The claims of the user info win: some providers tell groups only there, and an ID token of a refresh may be as old as the login. */
  async #allClaims(
    configuration: client.Configuration,
    accessToken: string,
    claims: Claims & { readonly sub: string },
  ): Promise<Claims> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...claims, ...(await client.fetchUserInfo(configuration, accessToken, claims.sub)) };
  }

  async #configuration(): Promise<client.Configuration> {
    try {
      const [metadata, secret] = await Promise.all([this.#discovered(), this.settings.clientSecret()]);
      const known = this.#client;
      if (known !== undefined && known.secret === secret && Date.now() - known.at < keysLife)
        return known.value;
      const value = new client.Configuration(
        metadata,
        this.settings.clientId,
        secret,
        secret === undefined ? client.None() : undefined,
      );
      value[client.customFetch] = (url, options) => this.#send(url, options);
      // The client that sends the requests decides where http is allowed.
      client.allowInsecureRequests(value);
      client.enableNonRepudiationChecks(value);
      this.#client = { value, secret, at: Date.now() };
      return value;
    } catch (cause) {
      throw new LoginRefused('provider away', { cause });
    }
  }

  #discovered(): Promise<client.ServerMetadata> {
    const known = this.#metadata;
    if (known !== undefined && Date.now() - known.at < discoveryLife) return known.value;
    const value = this.#discover();
    this.#metadata = { value, at: Date.now() };
    value.catch(() => {
      this.#metadata = known;
    });
    return value;
  }

  /** @throws Error if the document names another issuer than the configuration */
  async #discover(): Promise<client.ServerMetadata> {
    const found = await client.discovery(
      new URL(this.settings.issuer),
      this.settings.clientId,
      undefined,
      client.None(),
      {
        [client.customFetch]: (url, options) => this.#send(url, options),
        execute: [client.allowInsecureRequests],
      },
    );
    const metadata = found.serverMetadata();
    if (metadata.issuer !== this.settings.issuer)
      throw new Error('the discovery document names another issuer');
    return metadata;
  }

  #send(url: string, { method, headers, body }: client.CustomFetchOptions): Promise<Response> {
    if (method !== 'GET' && method !== 'POST') throw new Error(`no request of the protocol: ${method}`);
    if (body === null || body === undefined) return this.#fetch(url, { method, headers });
    if (typeof body !== 'string' && !(body instanceof URLSearchParams))
      throw new Error('no body of the protocol');
    return this.#fetch(url, { method, headers, body: body.toString() });
  }
}

function tokensOf({ refresh_token: refresh, id_token: id }: client.TokenEndpointResponse): ProviderTokens {
  return { ...(refresh === undefined ? {} : { refresh }), ...(id === undefined ? {} : { id }) };
}

/** Tells whether the provider answered that the person has no access any more. Anything else may pass. */
function isEnd(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.error === 'invalid_grant';
  if (error instanceof client.WWWAuthenticateChallengeError) return error.status === 401;
  return error instanceof LoginRefused && error.reason !== 'provider away';
}

function refusalOf(cause: unknown): LoginRefused {
  if (cause instanceof LoginRefused) return cause;
  if (cause instanceof client.AuthorizationResponseError)
    return new LoginRefused('refused by provider', { cause });
  if (cause instanceof client.ClientError || cause instanceof client.ResponseBodyError)
    return new LoginRefused('wrong answer', { cause });
  return new LoginRefused('provider away', { cause });
}
