import type { IncomingMessage } from 'node:http';
import {
  type AskedRoute,
  challenge,
  type ChallengeError,
  challengedScopes,
  type Decision,
  type Identity,
  isOfResource,
  resourceOf,
  Rights,
} from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import { Injectable } from '@nestjs/common';
import type { ClientFacts } from '../http/client-facts.ts';
import { Authenticator, BadCredentials } from './authenticator.ts';

interface Refusal {
  readonly detail: unknown;
  readonly error?: ChallengeError | undefined;
  readonly cause?: unknown;
}

/**
 * Admits a request to a route: the Authenticator identifies the client, Rights decide what it may do. The door and the guards of Nest controllers use
 * it, in the gateway and in blob-service, so a route may point directly at either. It gets the matched route, never a path to parse (CVE-2025-69211:
 * encoded paths bypass guards that are bound to paths).
 */
@Injectable()
export class AccessControl {
  constructor(
    private readonly authenticator: Authenticator,
    readonly rights: Rights,
  ) {}

  /**
   * Answers synchronously if no service has to be asked.
   * @throws OciError UNAUTHORIZED with its challenge, DENIED if no credentials would help, and the error of a failed check
   */
  admit(asked: AskedRoute, request: IncomingMessage, client: ClientFacts): Identity | Promise<Identity> {
    const identified = this.identify(asked, request, client);
    return 'then' in identified
      ? identified.then((identity) => this.authorize(asked, identity, client))
      : this.authorize(asked, identified, client);
  }

  /** Identifies the client. @throws OciError UNAUTHORIZED with the challenge of the route */
  identify(asked: AskedRoute, request: IncomingMessage, client: ClientFacts): Identity | Promise<Identity> {
    try {
      const identified = this.authenticator.identify(request, client);
      if (!('then' in identified)) return identified;
      return identified.catch((error: unknown) => {
        throw this.#unidentified(error, asked, client);
      });
    } catch (error) {
      throw this.#unidentified(error, asked, client);
    }
  }

  /** Returns the same identity if it may use the route. @throws OciError as `admit` */
  authorize(asked: AskedRoute, identity: Identity, client: ClientFacts): Identity | Promise<Identity> {
    const { access } = asked.route;
    if (isOfResource(access)) {
      const resource = resourceOf(access, asked);
      const decided = this.rights.decide({ identity, resource, actions: access.actions, client });
      return 'then' in decided
        ? decided.then((decision) => this.#enforce(decision, asked, identity, client))
        : this.#enforce(decided, asked, identity, client);
    }
    if (access.kind === 'identity' && !hasCredentials(identity))
      throw this.#refusal(asked, client, { detail: { reason: 'no credentials were sent' } });
    return identity;
  }

  #enforce(
    { granted, reason }: Decision,
    asked: AskedRoute,
    identity: Identity,
    client: ClientFacts,
  ): Identity {
    const { access } = asked.route;
    if (isOfResource(access) && access.actions.every((action) => granted.includes(action))) return identity;
    const error = hasCredentials(identity) ? 'insufficient_scope' : undefined;
    throw this.#refusal(asked, client, { detail: { reason }, error });
  }

  #unidentified(thrown: unknown, asked: AskedRoute, client: ClientFacts): unknown {
    if (!(thrown instanceof BadCredentials)) return thrown;
    const { detail, error, cause } = thrown;
    return this.#refusal(asked, client, { detail, error, cause });
  }

  /**
   * Answers 401 whenever the client can send credentials, as distribution does: the client then asks for a token with more rights. Does not reveal
   * what exists. Always has a detail: distribution's client code and its users (docker, podman, skopeo) show the message of an error only beside a
   * detail.
   */
  #refusal(asked: AskedRoute, client: ClientFacts, { detail, error, cause }: Refusal): OciError {
    const settings = this.authenticator.challenge(client);
    if (settings === undefined) return new OciError('DENIED', detail, { cause });
    const header = challenge(settings, challengedScopes(asked), error);
    return new OciError('UNAUTHORIZED', detail, { headers: { 'www-authenticate': header }, cause });
  }
}

/** A client without `auth` needs none. A token that was issued to an anonymous client is one. */
const hasCredentials = ({ kind, credential }: Identity): boolean =>
  kind !== 'anonymous' || credential.kind !== 'none';
