import type { IncomingMessage } from 'node:http';
import {
  challenge,
  type ChallengeError,
  challengedScopes,
  type ChallengeSettings,
  type Identity,
  isAllowedAll,
  parseAuthorization,
  requiredScopes,
  type TokenVerifier,
} from '@longshore/authorization';
import { OciError, type RouteMatch } from '@longshore/oci';
import type { ClientFacts } from '../http/client-facts.ts';
import { AccessGuard } from './access-guard.ts';
import type { PasswordCache } from './password-cache.ts';

export interface CredentialGuardOptions {
  /** Undefined where no accounts are configured: then Basic credentials are refused. */
  readonly passwords: PasswordCache | undefined;
  /** Undefined where no tokens are configured. */
  readonly tokens: TokenVerifier | undefined;
  /** How a client is told to authenticate; the realm may depend on the host that it used. */
  readonly challenge: (client: ClientFacts) => ChallengeSettings;
}

interface Refusal {
  readonly reason: string;
  readonly error?: ChallengeError;
  readonly cause?: OciError;
}

/** Admits by Basic credentials or a Bearer token, both checked anew on every request; the answer to anybody else is the challenge. */
export class CredentialGuard extends AccessGuard {
  readonly #options: CredentialGuardOptions;

  constructor(options: CredentialGuardOptions) {
    super();
    this.#options = options;
  }

  override async admit(request: IncomingMessage, match: RouteMatch, client: ClientFacts): Promise<Identity> {
    const identity = await this.#identify(request, match, client);
    if (!isAllowedAll(identity, requiredScopes(match)))
      throw this.#refusal(match, client, {
        error: 'insufficient_scope',
        reason: 'the credentials do not allow this',
      });
    return identity;
  }

  async #identify(request: IncomingMessage, match: RouteMatch, client: ClientFacts): Promise<Identity> {
    let reason = 'no credentials were sent';
    try {
      const credentials = parseAuthorization(request.headers.authorization);
      if (credentials.kind !== 'none') reason = 'the credentials are not valid';
      const { passwords, tokens } = this.#options;
      if (credentials.kind === 'bearer' && tokens !== undefined)
        return await tokens.verify(credentials.token);
      if (credentials.kind === 'basic' && passwords !== undefined) {
        const subject = await passwords.check({ ...credentials, address: client.address });
        if (subject !== undefined) return { subject, kind: 'account', grants: 'all' };
      }
    } catch (error) {
      if (!(error instanceof OciError) || error.code !== 'UNAUTHORIZED') throw error;
      throw this.#refusal(match, client, { error: 'invalid_token', reason, cause: error });
    }
    throw this.#refusal(match, client, { reason });
  }

  /**
   * Always 401, as distribution answers: the client then asks for a token with more rights. What exists is not told. There is always a
   * detail: distribution's client code and all that use it (docker, podman, skopeo) show the message of an error only beside one.
   */
  #refusal(match: RouteMatch, client: ClientFacts, { error, reason, cause }: Refusal): OciError {
    const header = challenge(this.#options.challenge(client), challengedScopes(match), error);
    const detail = cause?.entries[0]?.detail ?? { reason };
    return new OciError('UNAUTHORIZED', detail, { headers: { 'www-authenticate': header }, cause });
  }
}
