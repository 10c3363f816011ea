import { randomUUID } from 'node:crypto';
import {
  userNamed,
  anonymous,
  challenge,
  formatScope,
  maximumTokenLength,
  parseAuthorization,
  parseScopes,
  Rights,
  type Grant,
  type Identity,
} from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import type { TokenAnswer, TokenCall } from '@longshore/messaging';
import { Metrics, series } from '@longshore/telemetry';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AccountsService, type Login } from '../accounts/accounts.service.ts';
import { AuthSettings, type TokenSettings } from '../auth-settings.ts';
import { SigningKeysService } from '../signing-keys/signing-keys.service.ts';
import { grantsFor } from './grants-for.ts';
import { jsonAnswer, OAuthError } from './oauth-error.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { readTokenCall, type TokenRequest } from './token-call.ts';

const wrongCredentials = 'the credentials are not valid';

/** The token endpoint of distribution's token specification: GET, and the OAuth 2 POST. */
@Injectable()
export class TokensService {
  readonly #refreshTokens: RefreshTokens | undefined;

  readonly #answers;

  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly settings: AuthSettings,
    private readonly accounts: AccountsService,
    private readonly keys: SigningKeysService,
    private readonly rights: Rights,
    metrics: Metrics,
  ) {
    this.#answers = metrics.counter(series.tokens);
    const { tokens } = settings;
    this.#refreshTokens = tokens && new RefreshTokens(tokens.secret, tokens.refreshLifetime);
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
    const now = Math.floor(Date.now() / 1000);
    const identity = await this.#identify(request, settings, now);
    const asker = { identity, client: { address: request.address } };
    const grants = await grantsFor(this.rights, asker, parseScopes(request.scopes));
    const token = await this.#sign(identity, grants, { settings, now });
    const refresh = request.offline ? await this.#refreshToken(identity, settings, now) : undefined;
    return jsonAnswer(200, {
      ...(request.method === 'GET' ? { token } : { scope: grants.map(formatScope).join(' ') }),
      access_token: token,
      expires_in: settings.lifetime,
      issued_at: new Date(now * 1000).toISOString(),
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
    });
  }

  #identify({ proof, address }: TokenRequest, settings: TokenSettings, now: number): Promise<Identity> {
    switch (proof.kind) {
      case 'none':
        return Promise.resolve(anonymous);
      case 'header':
        return this.#byHeader(proof.authorization, address);
      case 'password':
        return this.#byPassword({ ...proof, address });
      case 'refresh':
        return this.#byRefreshToken(proof.token, settings, now);
    }
  }

  async #byHeader(authorization: string, address: string): Promise<Identity> {
    const credentials = credentialsOf(authorization);
    // A bearer token cannot buy another one; otherwise access would never end.
    if (credentials.kind !== 'basic') throw new OAuthError('invalid_grant', wrongCredentials);
    return this.#byPassword({ ...credentials, address });
  }

  async #byPassword(login: Login): Promise<Identity> {
    if (!(await this.accounts.authenticate(login))) throw new OAuthError('invalid_grant', wrongCredentials);
    return userNamed(login.username);
  }

  async #byRefreshToken(token: string, { service }: TokenSettings, now: number): Promise<Identity> {
    const claims = this.#refreshTokens?.read(token, now);
    const current = claims === undefined ? undefined : await this.accounts.fingerprint(claims.subject);
    if (
      claims === undefined ||
      claims.service !== service ||
      current === undefined ||
      claims.account !== current
    ) {
      throw new OAuthError('invalid_grant', wrongCredentials);
    }
    return userNamed(claims.subject);
  }

  async #refreshToken(
    { kind, subject }: Identity,
    { service }: TokenSettings,
    now: number,
  ): Promise<string | undefined> {
    const fingerprint = kind === 'anonymous' ? undefined : await this.accounts.fingerprint(subject);
    return fingerprint === undefined
      ? undefined
      : this.#refreshTokens?.issue({ subject, service, account: fingerprint }, now);
  }

  async #sign(
    { subject }: Identity,
    grants: readonly Grant[],
    { settings, now }: { settings: TokenSettings; now: number },
  ): Promise<string> {
    const { kid, key } = await this.keys.signer();
    const token = await new SignJWT({ access: grants })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid })
      .setIssuer(settings.issuer)
      .setSubject(subject)
      .setAudience(settings.service)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + settings.lifetime)
      .setJti(randomUUID())
      .sign(key);
    // Verifiers read no longer tokens, so the client would be refused there without a reason.
    if (token.length > maximumTokenLength)
      throw new OAuthError('invalid_request', 'the scopes are too many for one token');
    return token;
  }
}

function credentialsOf(authorization: string): ReturnType<typeof parseAuthorization> {
  try {
    return parseAuthorization(authorization);
  } catch (cause) {
    if (cause instanceof OciError) throw new OAuthError('invalid_grant', wrongCredentials, { cause });
    throw cause;
  }
}
