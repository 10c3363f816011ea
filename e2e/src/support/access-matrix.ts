import { Agent } from 'node:http';
import type { Identity, Limit, Policy } from '@longshore/authorization';
import { type Action, type RouteId, routes } from '@longshore/oci';
import { type Answer, RegistryClient } from '@longshore/testing';
import { everyRequest, type RouteRequest } from './matrix.ts';

/** An account, or nobody. */
export type Holder = Omit<Identity, 'credential' | 'grants' | 'limits'>;

const account = (kind: Holder['kind'], subject: string, groups: readonly string[] = []): Holder => ({
  kind,
  subject,
  groups,
  claims: {},
});
export const nobody = account('anonymous', '');
export const user = (name: string, ...groups: readonly string[]): Holder => account('user', name, groups);
export const robot = (name: string): Holder => account('robot', name);
export const workload = (name: string): Holder => account('workload', name);

/** What a client of the matrix sends. */
export interface Credentials {
  readonly name: string;
  /** Undefined: no header. */
  readonly authorization?: string | undefined;
  /** The connection of a client with a certificate. */
  readonly agent?: Agent;
  /** The account that they prove. `refused`: they are void, and prove nothing. `cut off`: TLS ends the connection. */
  readonly holder: Holder | 'refused' | 'cut off';
  /** The scopes of a token that were granted, and are still. Undefined for credentials without scopes. */
  readonly scopes?: readonly string[];
  /** The limits of an access token, or of what was got with it. Its patterns are whole names, or end in `/**`. */
  readonly limits?: readonly Limit[];
}

/** Returns credentials that prove nothing. */
export const refused = (name: string, authorization: string): Credentials => ({
  name,
  authorization,
  holder: 'refused',
});

function expectedOf({ policy, isReadOnly }: Walk, credentials: Credentials, asked: Case): string {
  if (credentials.holder === 'cut off') return 'cut off';
  if (!isOpen(policy, credentials, asked)) return 'challenged';
  return isReadOnly === true && !['GET', 'HEAD'].includes(asked.method) ? 'read-only' : 'open';
}

/**
 * Tells whether the policy allows a route and the credentials' own scopes and limits do not forbid it. Otherwise the answer is a challenge. The policy
 * has tests of its own against its meaning; scopes and limits are decided here once more.
 */
function isOpen(policy: Policy, credentials: Credentials, { id, repository }: Omit<Case, 'method'>): boolean {
  const { holder, authorization, scopes, limits } = credentials;
  if (typeof holder === 'string') return false;
  const { access } = routes[id];
  if (access.kind === 'identity') return authorization !== undefined || holder.kind !== 'anonymous';
  const identity: Identity = { ...holder, credential: { kind: 'none' } };
  if (access.kind === 'registry')
    return (
      policy.allowsSomewhere(identity, 'list') &&
      covers(scopes, { type: 'registry', name: 'catalog', action: '*' }) &&
      (limits === undefined || limits.some(({ actions }) => actions.includes('list')))
    );
  return access.actions.every(
    (action) =>
      policy.decide({ identity, client: { address: '127.0.0.1' }, repository, tag: undefined, action })
        .allowed &&
      covers(scopes, { type: 'repository', name: repository, action }) &&
      isWithin(limits, repository, action),
  );
}

interface Scope {
  readonly type: string;
  readonly name: string;
  readonly action: Action;
}

const covers = (scopes: Credentials['scopes'], { type, name, action }: Scope): boolean =>
  scopes === undefined ||
  scopes.some((scope) => {
    const [scoped, of, actions = ''] = scope.split(':');
    return scoped === type && of === name && (actions === '*' || actions.split(',').includes(action));
  });

const isWithin = (limits: Credentials['limits'], repository: string, action: Action): boolean =>
  limits === undefined ||
  limits.some(
    ({ actions, repositories }) =>
      actions.includes(action) &&
      repositories.some((text) =>
        text.endsWith('/**') ? repository.startsWith(text.slice(0, -2)) : repository === text,
      ),
  );

interface Case {
  readonly id: RouteId;
  readonly method: string;
  readonly repository: string;
}

export interface Walk {
  readonly policy: Policy;
  readonly credentials: readonly Credentials[];
  /** The origins that serve a route. */
  readonly originsOf: (id: RouteId) => readonly string[];
  /** True for a registry that refuses every write, to those who may write. */
  readonly isReadOnly?: true;
}

export interface Walked {
  readonly requests: number;
  /** One line for each request that was answered otherwise than expected. */
  readonly wrong: readonly string[];
}

/** Clients at a time. */
const together = 8;

/** Sends every request of the table of routes for one repository with all credentials. */
export async function walk(walked: Walk, repository: string): Promise<Walked> {
  const { credentials, originsOf } = walked;
  const requests = everyRequest(repository).flatMap((request) =>
    originsOf(request.id).map((origin) => [request, origin] as const),
  );
  const wrong: string[] = [];
  const rest = credentials.values();
  const walkers = Array.from({ length: together }, async () => {
    const kept = new Agent({ keepAlive: true });
    for (const each of rest) {
      for (const [request, origin] of requests) {
        const { id, method } = request;
        const expected = expectedOf(walked, each, { id, method, repository });
        const outcome = await outcomeOf(origin, request, { agent: kept, ...each });
        if (outcome !== expected)
          wrong.push(`${each.name}: ${method} of ${id} at ${origin}: ${outcome}, not ${expected}`);
      }
    }
    kept.destroy();
  });
  await Promise.all(walkers);
  return { requests: credentials.length * requests.length, wrong };
}

async function outcomeOf(
  origin: string,
  { method, path }: RouteRequest,
  { authorization, agent }: Pick<Credentials, 'authorization' | 'agent'>,
): Promise<string> {
  const headers = authorization === undefined ? {} : { authorization };
  const client = new RegistryClient(origin);
  try {
    return wordFor(await client.send(method, path, { headers, ...(agent && { agent }) }));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return 'cut off';
    throw error;
  }
}

function wordFor({ status, headers, body }: Answer): string {
  const isChallenged = headers['www-authenticate']?.startsWith('Bearer realm="') === true;
  if (status === 401 && isChallenged) return 'challenged';
  if (status === 405 && body.includes('the registry is read-only')) return 'read-only';
  // Admitted requests that have no body, or name an unknown session or object, get one of these.
  return status < 400 || [400, 404, 405, 416].includes(status) ? 'open' : String(status);
}
