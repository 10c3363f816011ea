import type { Action } from '@longshore/oci';
import type { Identity } from './identity.ts';

/** What can be acted on. */
export interface Resource {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** The tag of a repository, where the request names one. */
  readonly tag?: string;
}

/** What is known of the client's connection. */
export interface ClientOrigin {
  readonly address: string;
  readonly scheme?: 'http' | 'https';
  /** As the client named the registry. */
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
  /** The part of the actions that is allowed. */
  readonly granted: readonly Action[];
  /** Why not all, in words that the client may read. It must not tell what exists. */
  readonly reason: string;
}

/** Answers what an identity may do to a resource. Doors ask for each request, the token endpoint for each scope. */
export abstract class Rights {
  /**
   * Answers at once where nobody has to be asked.
   * @throws OciError UNAVAILABLE when it cannot be told; never to be taken for a refusal
   */
  abstract decide(question: RightsQuestion): Decision | Promise<Decision>;
}

/** The rights of a registry without policies: an account may do everything, a token what it grants, a client without a name nothing. */
export class PlainRights extends Rights {
  override decide({ identity, resource, actions }: RightsQuestion): Decision {
    switch (identity.kind) {
      case 'anyone':
      case 'account':
        return { granted: actions, reason: 'nothing is kept from them' };
      case 'anonymous':
        return { granted: [], reason: 'no credentials were sent' };
      case 'token':
        return {
          granted: grantedBy(identity, resource, actions),
          reason: 'the credentials do not allow this',
        };
    }
  }
}

/** No action implies another: who may push may not delete. */
function grantedBy(
  { grants }: Identity,
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
