import type { IncomingMessage } from 'node:http';
import {
  anonymous,
  certified,
  type ChallengeSettings,
  type Credentials,
  type Identity,
  isAccessToken,
  parseAuthorization,
  type TokenVerifier,
} from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import type { ClientFacts } from '../http/client-facts.ts';
import { Authenticator, BadCredentials } from './authenticator.ts';
import type { PasswordCache } from './password-cache.ts';

/** What is known of void credentials. */
export interface CredentialFeed {
  readonly isReady: boolean;
  first(): Promise<void>;
}

export interface CredentialOptions {
  /** Its first answer is awaited before any credentials are accepted. Absent: no credentials become void. */
  readonly feed?: CredentialFeed;
  /** Undefined if no accounts are configured. Then Basic credentials are refused. */
  readonly passwords: PasswordCache | undefined;
  /** Undefined if no tokens are configured. */
  readonly tokens: TokenVerifier | undefined;
  /** Returns the challenge. Its realm may depend on the host that the client used. */
  readonly challenge: (client: ClientFacts) => ChallengeSettings | undefined;
}

const notValid = { reason: 'the credentials are not valid' };

/**
 * Identifies clients by Basic credentials, an access token (in either form) or a Bearer token, and checks them on every request. Without any, the
 * account of the client's certificate counts: credentials that are sent are never ignored.
 */
export class CredentialAuthenticator extends Authenticator {
  readonly #options: CredentialOptions;

  constructor(options: CredentialOptions) {
    super();
    this.#options = options;
  }

  override identify(request: IncomingMessage, client: ClientFacts): Identity | Promise<Identity> {
    const credentials = credentialsOf(request);
    if (credentials.kind === 'none')
      return client.certificate === undefined ? anonymous : certified(client.certificate);
    const { feed } = this.#options;
    return feed === undefined || feed.isReady
      ? this.#identify(credentials, client)
      : feed.first().then(() => this.#identify(credentials, client));
  }

  #identify(
    credentials: Exclude<Credentials, { kind: 'none' }>,
    client: ClientFacts,
  ): Identity | Promise<Identity> {
    const { passwords, tokens } = this.#options;
    const { address } = client;
    if (credentials.kind === 'bearer') {
      const { token } = credentials;
      if (passwords !== undefined && isAccessToken(token))
        return byPassword(passwords, { username: '', password: token, address });
      if (tokens !== undefined) return tokens.known(token) ?? verified(tokens, token);
      throw new BadCredentials(notValid);
    }
    // The password may be a token of an identity provider: container runtimes can send nothing else.
    if (tokens?.isAssertion(credentials.password) === true)
      return tokens.known(credentials.password) ?? verified(tokens, credentials.password);
    if (passwords !== undefined) return byPassword(passwords, { ...credentials, address });
    throw new BadCredentials(notValid);
  }

  override challenge(client: ClientFacts): ChallengeSettings | undefined {
    return this.#options.challenge(client);
  }
}

function credentialsOf({ headers }: IncomingMessage): Credentials {
  try {
    return parseAuthorization(headers.authorization);
  } catch (error) {
    throw refused(error);
  }
}

async function verified(tokens: TokenVerifier, token: string): Promise<Identity> {
  try {
    return await tokens.verify(token);
  } catch (error) {
    throw refused(error);
  }
}

async function byPassword(
  passwords: PasswordCache,
  login: Parameters<PasswordCache['check']>[0],
): Promise<Identity> {
  const identity = await passwords.check(login);
  if (identity === undefined) throw new BadCredentials(notValid);
  return identity;
}

/** Keeps the error of a check that could not be made: it does not mean wrong credentials. */
function refused(error: unknown): unknown {
  return error instanceof OciError && error.code === 'UNAUTHORIZED'
    ? new BadCredentials(error.entries[0]?.detail ?? notValid, { error: 'invalid_token', cause: error })
    : error;
}
