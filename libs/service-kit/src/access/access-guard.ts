import type { IncomingMessage } from 'node:http';
import type { Identity } from '@longshore/authorization';
import type { RouteMatch } from '@longshore/oci';
import type { ClientFacts } from '../http/client-facts.ts';

/**
 * Decides who asks and whether the matched route is open to them. The gateway and blob-service use the same one, so a route may
 * point straight at either. It is asked with the route that was matched on the raw path, never with a path of its own parsing
 * (CVE-2025-69211: guards bound to paths are passed by encoded ones).
 */
export abstract class AccessGuard {
  /** @throws OciError UNAUTHORIZED with its challenge, or DENIED. Answers at once where nothing has to be asked. */
  abstract admit(
    request: IncomingMessage,
    match: RouteMatch,
    client: ClientFacts,
  ): Identity | Promise<Identity>;
}

/** Used when the configuration has no `auth`: everybody may do everything, as in `registry:2`. */
export class OpenAccess extends AccessGuard {
  readonly #everybody: Identity = { subject: '', kind: 'anonymous', grants: 'all' };
  override admit(): Identity {
    return this.#everybody;
  }
}
