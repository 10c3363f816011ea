import type { IncomingMessage } from 'node:http';
import { anyone, type ChallengeError, type ChallengeSettings, type Identity } from '@longshore/authorization';
import type { ClientFacts } from '../http/client-facts.ts';

/** Tells who sent a request. What they may do is for Rights to say. */
export abstract class Authenticator {
  /**
   * Answers at once where nobody has to be asked. A request without credentials is anonymous.
   * @throws BadCredentials; OciError UNAVAILABLE or TOOMANYREQUESTS when the credentials cannot be checked now
   */
  abstract identify(request: IncomingMessage, client: ClientFacts): Identity | Promise<Identity>;

  /** How a client is told to authenticate; undefined where nothing that it could send would change the answer. */
  abstract challenge(client: ClientFacts): ChallengeSettings | undefined;
}

/** Credentials that name nobody. */
export class BadCredentials extends Error {
  override readonly name = 'BadCredentials';
  /** What the client is shown beside the message. */
  readonly detail: unknown;
  readonly error: ChallengeError | undefined;

  constructor(detail: unknown, { error, cause }: { error?: ChallengeError; cause?: unknown } = {}) {
    super('the credentials are not valid', { cause });
    this.detail = detail;
    this.error = error;
  }
}

/** Used when the configuration has no `auth`: nobody is asked who they are, as in `registry:2`. */
export class NoAuthentication extends Authenticator {
  override identify(): Identity {
    return anyone;
  }

  override challenge(): undefined {
    return undefined;
  }
}
