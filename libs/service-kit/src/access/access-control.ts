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
 * Admits a request to a route: the Authenticator says who asks, Rights what they may do. The door and the guards of Nest controllers use it, and
 * the gateway and blob-service alike, so that a route may point straight at either. It is asked with the route that was matched,
 * never with a path of its own parsing (CVE-2025-69211: guards bound to paths are passed by encoded ones).
 */
@Injectable()
export class AccessControl {
  constructor(
    private readonly authenticator: Authenticator,
    readonly rights: Rights,
  ) {}

  /**
   * Answers at once where nobody has to be asked.
   * @throws OciError UNAUTHORIZED with its challenge, DENIED where no credentials would help, and what hinders the check
   */
  admit(asked: AskedRoute, request: IncomingMessage, client: ClientFacts): Identity | Promise<Identity> {
    const identified = this.identify(asked, request, client);
    return 'then' in identified
      ? identified.then((identity) => this.authorize(asked, identity, client))
      : this.authorize(asked, identified, client);
  }

  /** Who asks. @throws OciError UNAUTHORIZED with the challenge of the route */
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

  /** The same identity, if the route is open to it. @throws OciError as `admit` */
  authorize(asked: AskedRoute, identity: Identity, client: ClientFacts): Identity | Promise<Identity> {
    const { access } = asked.route;
    if (isOfResource(access)) {
      const resource = resourceOf(access, asked);
      const decided = this.rights.decide({ identity, resource, actions: access.actions, client });
      return 'then' in decided
        ? decided.then((decision) => this.#enforce(decision, asked, identity, client))
        : this.#enforce(decided, asked, identity, client);
    }
    if (access.kind === 'identity' && identity.kind === 'anonymous')
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
    const error = identity.kind === 'anonymous' ? undefined : 'insufficient_scope';
    throw this.#refusal(asked, client, { detail: { reason }, error });
  }

  #unidentified(thrown: unknown, asked: AskedRoute, client: ClientFacts): unknown {
    if (!(thrown instanceof BadCredentials)) return thrown;
    const { detail, error, cause } = thrown;
    return this.#refusal(asked, client, { detail, error, cause });
  }

  /**
   * Always 401 where credentials can be sent, as distribution answers: the client then asks for a token with more rights. What exists is not
   * told. There is always a detail: distribution's client code and all that use it (docker, podman, skopeo) show the message of an error only
   * beside one.
   */
  #refusal(asked: AskedRoute, client: ClientFacts, { detail, error, cause }: Refusal): OciError {
    const settings = this.authenticator.challenge(client);
    if (settings === undefined) return new OciError('DENIED', detail, { cause });
    const header = challenge(settings, challengedScopes(asked), error);
    return new OciError('UNAUTHORIZED', detail, { headers: { 'www-authenticate': header }, cause });
  }
}
