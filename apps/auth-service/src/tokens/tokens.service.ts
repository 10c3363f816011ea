import { randomUUID } from 'node:crypto';
import {
  anonymous,
  type CredentialFacts,
  challenge,
  formatScope,
  maximumTokenLength,
  parseAuthorization,
  parseScopes,
  Rights,
  type Grant,
  type Identity,
  type OwnClaims,
} from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import type { TokenAnswer, TokenCall } from '@longshore/messaging';
import { Metrics, series } from '@longshore/telemetry';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AccountsService, type Login } from '../accounts/accounts.service.ts';
import { AuthSettings, type TokenSettings } from '../auth-settings.ts';
import { LoginService } from '../oidc/login.service.ts';
import { isAccessSecret } from '../oidc/session-secrets.ts';
import { identityOf } from '../oidc/sessions.ts';
import { SigningKeysService } from '../signing-keys/signing-keys.service.ts';
import { grantsFor } from './grants-for.ts';
import { jsonAnswer, OAuthError } from './oauth-error.ts';
import { RefreshGrants } from './refresh-grants.ts';
import { WorkloadsService } from '../workloads/workloads.service.ts';
import { exchange, readTokenCall, type TokenRequest } from './token-call.ts';

const wrongCredentials = (options?: ErrorOptions): OAuthError =>
  new OAuthError('invalid_grant', 'the credentials are not valid', options);

/** An identity that gets a token. */
interface Holder {
  readonly identity: Identity;
  /** Fingerprint of the password that it has shown. */
  readonly password?: string | undefined;
  /** Time at which the credential that it has shown ends. Milliseconds since 1970. */
  readonly endsAt?: number | undefined;
  /** The refresh token that it has from now on. */
  readonly refresh?: string;
  /** True if that is another than the one that it has shown. */
  readonly rotated?: boolean;
}

/** The token endpoint of distribution's token specification: GET, and the OAuth 2 POST. */
@Injectable()
export class TokensService {
  readonly #answers;

  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly settings: AuthSettings,
    private readonly accounts: AccountsService,
    private readonly keys: SigningKeysService,
    private readonly rights: Rights,
    private readonly workloads: WorkloadsService,
    private readonly refreshGrants: RefreshGrants,
    private readonly login: LoginService,
    metrics: Metrics,
  ) {
    this.#answers = metrics.counter(series.tokens);
  }

  /** @throws OciError UNAVAILABLE if accounts or keys cannot be read; every error in the request itself is an answer */
  async answer(call: TokenCall): Promise<TokenAnswer> {
    const answer = await this.#answer(call);
    this.#answers.inc({ outcome: answer.status === 200 ? 'issued' : 'refused' });
    return answer;
  }

  async #answer(call: TokenCall): Promise<TokenAnswer> {
    const { tokens } = this.settings;
    try {
      if (tokens === undefined) throw new OAuthError('not_found', 'this registry issues no tokens');
      const request = readTokenCall(call);
      if (request.service !== undefined && request.service !== tokens.service)
        throw new OAuthError('invalid_request', 'the service is not this one');
      return await this.#issue(request, tokens);
    } catch (error) {
      if (error instanceof OAuthError)
        return error.answer(challenge({ kind: 'basic', realm: tokens?.service ?? 'Registry Realm' }));
      throw error;
    }
  }

  async #issue(request: TokenRequest, settings: TokenSettings): Promise<TokenAnswer> {
    const at = Date.now();
    const holder = await this.#identify(request);
    const asker = { identity: holder.identity, client: { address: request.address } };
    const grants = await grantsFor(this.rights, asker, parseScopes(request.scopes));
    const lifetime = lifetimeOf(holder, settings, at);
    const token = await this.#sign(holder, grants, { settings, lifetime, at });
    const refresh = await this.#refreshToken(holder, request);
    return jsonAnswer(200, {
      ...(request.method === 'GET' ? { token } : { scope: grants.map(formatScope).join(' ') }),
      access_token: token,
      ...(request.proof.kind === 'assertion'
        ? { issued_token_type: exchange.issued, token_type: 'Bearer' }
        : {}),
      expires_in: lifetime,
      issued_at: new Date(Math.floor(at / 1000) * 1000).toISOString(),
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
    });
  }

  #identify({ proof, address }: TokenRequest): Promise<Holder> {
    switch (proof.kind) {
      case 'none':
        return Promise.resolve({ identity: anonymous });
      case 'header':
        return this.#byHeader(proof.authorization, address);
      case 'password':
        return this.#byPassword({ ...proof, address });
      case 'refresh':
        return this.#byRefreshToken(proof.token);
      case 'assertion':
        return this.#byAssertion(proof.token);
    }
  }

  async #byHeader(authorization: string, address: string): Promise<Holder> {
    const credentials = credentialsOf(authorization);
    // A bearer token cannot buy another one; otherwise access would never end.
    if (credentials.kind !== 'basic') throw wrongCredentials();
    return this.#byPassword({ ...credentials, address });
  }

  async #byAssertion(token: string): Promise<Holder> {
    try {
      const identity = await this.workloads.identify(token);
      const { exp } = identity.claims;
      return { identity, endsAt: typeof exp === 'number' ? exp * 1000 : undefined };
    } catch (cause) {
      if (cause instanceof OciError && cause.code === 'UNAUTHORIZED') throw wrongCredentials({ cause });
      throw cause;
    }
  }

  async #byPassword(login: Login): Promise<Holder> {
    if (this.workloads.isAssertion(login.password)) return this.#byAssertion(login.password);
    if (isAccessSecret(login.password)) return this.#bySession(login);
    const admitted = await this.accounts.authenticate(login);
    if (admitted === undefined) throw wrongCredentials();
    const { identity, fingerprint: password, expiresAt: endsAt } = admitted;
    return { identity, password, endsAt };
  }

  /** The session is looked up, so it may have ended, and its groups are those of now. */
  async #bySession({ username, password }: Login): Promise<Holder> {
    const session = await this.login.sessionWith(password);
    if (session === undefined || session.userName !== username) throw wrongCredentials();
    return { identity: identityOf(session), endsAt: session.expiresAt.getTime() };
  }

  /** The password is checked first: a token of an old one must not rotate the family. */
  async #byRefreshToken(token: string): Promise<Holder> {
    const claims = this.refreshGrants.read(token);
    if (claims === undefined) throw wrongCredentials();
    const current = await this.accounts.current(claims.subject);
    if (current === undefined || claims.account !== current.fingerprint) throw wrongCredentials();
    const refresh = await this.refreshGrants.use(token, claims);
    if (refresh === undefined) throw wrongCredentials();
    const { identity, fingerprint: password } = current;
    return {
      identity: { ...identity, credential: credentialOf(identity, claims.family) },
      password,
      refresh,
      rotated: refresh !== token,
    };
  }

  /** Returns the refresh token of the answer. A client that rotates always gets the next one; others get theirs again if they ask. */
  async #refreshToken(holder: Holder, { offline, rotation }: TokenRequest): Promise<string | undefined> {
    const { identity, password: account, refresh, rotated = false } = holder;
    if (refresh !== undefined) return offline || rotated ? refresh : undefined;
    if (!offline || account === undefined) return undefined;
    const { subject, credential } = identity;
    return this.refreshGrants.begin({ subject, account, gotWith: credential.id, rotates: rotation });
  }

  async #sign(
    holder: Holder,
    grants: readonly Grant[],
    { settings, lifetime, at }: { settings: TokenSettings; lifetime: number; at: number },
  ): Promise<string> {
    const { kid, algorithm, key } = await this.keys.signer();
    const now = Math.floor(at / 1000);
    const token = await new SignJWT({ access: grants, longshore: ownClaimsOf(holder, at) })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid })
      .setIssuer(settings.issuer)
      .setSubject(holder.identity.subject)
      .setAudience(settings.service)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetime)
      .setJti(randomUUID())
      .sign(key);
    // Verifiers read no longer tokens, so the client would be refused there without a reason.
    if (token.length > maximumTokenLength)
      throw new OAuthError('invalid_request', 'the scopes are too many for one token');
    return token;
  }
}

/** Names the family, so that access tokens end with it. */
function credentialOf({ credential }: Identity, family: string | undefined): CredentialFacts {
  return family === undefined ? credential : { ...credential, id: family };
}

/** Returns what the doors need to evaluate the policy again at each request. */
function ownClaimsOf(
  { identity: { kind, groups, claims, limits, credential }, password }: Holder,
  at: number,
): OwnClaims {
  return {
    at,
    kind: kind === 'anyone' ? 'anonymous' : kind,
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(claims).length === 0 ? {} : { claims }),
    ...(limits === undefined ? {} : { limits }),
    ...(credential.kind === 'none' ? {} : { gotWith: credential }),
    password,
  };
}

/** Returns the seconds that a token lives. It ends with the credential that it was got with: no workload outlives its job. */
function lifetimeOf({ endsAt = Infinity }: Holder, { lifetime }: TokenSettings, at: number): number {
  return Math.max(1, Math.min(lifetime, Math.floor(endsAt / 1000) - Math.floor(at / 1000)));
}

function credentialsOf(authorization: string): ReturnType<typeof parseAuthorization> {
  try {
    return parseAuthorization(authorization);
  } catch (cause) {
    if (cause instanceof OciError) throw wrongCredentials({ cause });
    throw cause;
  }
}
