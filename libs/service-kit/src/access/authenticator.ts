import type { IncomingMessage } from 'node:http';
import { anyone, type ChallengeError, type ChallengeSettings, type Identity } from '@longshore/authorization';
import type { ClientFacts } from '../http/client-facts.ts';

/** Identifies the sender of a request. Rights decide what it may do. */
export abstract class Authenticator {
  /**
   * Answers synchronously if no service has to be asked. A request without credentials is anonymous.
   * @throws BadCredentials; OciError UNAVAILABLE or TOOMANYREQUESTS if the credentials cannot be checked now
   */
  abstract identify(request: IncomingMessage, client: ClientFacts): Identity | Promise<Identity>;

  /** Returns the challenge for the client. Undefined if no credentials would change the answer. */
  abstract challenge(client: ClientFacts): ChallengeSettings | undefined;
}

/** Credentials that identify nobody. */
export class BadCredentials extends Error {
  override readonly name = 'BadCredentials';
  /** Detail for the client, beside the message. */
  readonly detail: unknown;
  readonly error: ChallengeError | undefined;

  constructor(detail: unknown, { error, cause }: { error?: ChallengeError; cause?: unknown } = {}) {
    super('the credentials are not valid', { cause });
    this.detail = detail;
    this.error = error;
  }
}

/** Used if the configuration has no `auth`: every client is anonymous, as in `registry:2`. */
export class NoAuthentication extends Authenticator {
  override identify(): Identity {
    return anyone;
  }

  override challenge(): undefined {
    return undefined;
  }
}
