import type { Action } from '@longshore/oci';
import type { Identity } from './identity.ts';
import type { NameRange } from './policy/repository-pattern.ts';

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

/** The repositories that an identity may see in a list. */
export interface View {
  /** Sorted ranges of names that contain every visible repository, and perhaps others. Undefined: no range is known. */
  readonly ranges: readonly NameRange[] | undefined;
  readonly shows: (name: string) => boolean;
}

/** Decides what an identity may do to a resource. The gateway and blob-service ask for each request, the token endpoint for each scope. */
export abstract class Rights {
  /**
   * Answers synchronously if no service has to be asked.
   * @throws OciError UNAVAILABLE if it cannot decide; that is not a refusal
   */
  abstract decide(question: RightsQuestion): Decision | Promise<Decision>;

  /** Returns what a list of repositories shows to an identity. */
  abstract viewOf(identity: Identity, client: ClientOrigin): View;
}
