import type { Action } from '@longshore/oci';
import type { Grant, Identity } from './identity.ts';

/** The object of an action. */
export interface Resource {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** The tag, if the request names one. */
  readonly tag?: string;
}

/** Facts about the client's connection. */
export interface ClientOrigin {
  readonly address: string;
  readonly scheme?: 'http' | 'https';
  /** The registry's host as the client named it. */
  readonly host?: string;
  readonly userAgent?: string;
}

export interface RightsQuestion {
  readonly identity: Identity;
  readonly resource: Resource;
  readonly actions: readonly Action[];
  readonly client: ClientOrigin;
}

export interface Decision {
  /** The allowed part of the actions. */
  readonly granted: readonly Action[];
  /** The reason why some actions are not allowed, for the client to read. It must not reveal what exists. */
  readonly reason: string;
}

/** Decides what an identity may do to a resource. The gateway and blob-service ask for each request, the token endpoint for each scope. */
export abstract class Rights {
  /**
   * Answers synchronously if no service has to be asked.
   * @throws OciError UNAVAILABLE if it cannot decide; that is not a refusal
   */
  abstract decide(question: RightsQuestion): Decision | Promise<Decision>;
}

/** The rights of a registry without policies: an account may do everything, a token what it grants, an anonymous client nothing. */
export class PlainRights extends Rights {
  override decide({ identity, resource, actions }: RightsQuestion): Decision {
    if (identity.grants !== undefined) {
      return {
        granted: grantedBy(identity.grants, resource, actions),
        reason: 'the credentials do not allow this',
      };
    }
    return identity.kind === 'anonymous'
      ? { granted: [], reason: 'no credentials were sent' }
      : { granted: actions, reason: 'nothing is kept from them' };
  }
}

/** No action implies another: a client that may push may not delete. */
function grantedBy(
  grants: readonly Grant[],
  { type, name }: Resource,
  actions: readonly Action[],
): readonly Action[] {
  const isGranted = (action: Action): boolean =>
    grants.some(
      (grant) =>
        grant.type === type &&
        grant.name === name &&
        (grant.actions.includes(action) || grant.actions.includes('*')),
    );
  return actions.every(isGranted) ? actions : actions.filter(isGranted);
}
