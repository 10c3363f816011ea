import {
  type Action,
  controllerRoutes,
  isRepositoryName,
  type Reference,
  type RouteAccess,
  routes,
} from '@longshore/oci';
import type { Resource } from './rights.ts';
import type { Scope } from './scope.ts';

/** The access of a matched route. A RouteMatch is one. */
export interface AskedRoute {
  readonly route: { readonly access: RouteAccess; readonly source?: string };
  /** The repository in the path. */
  readonly name?: string;
  readonly reference?: Reference;
  readonly query?: URLSearchParams;
}

/** Access to a resource, which Rights decides. */
export type ResourceAccess = Extract<RouteAccess, { readonly actions: readonly Action[] }>;

export function isOfResource(access: RouteAccess): access is ResourceAccess {
  return 'actions' in access;
}

/**
 * Returns the resource of a matched route.
 * @throws Error for a route on a repository without one in its path
 */
export function resourceOf(access: ResourceAccess, { name, reference }: AskedRoute): Resource {
  if (access.kind === 'registry') return { type: 'registry', name: access.name };
  if (name === undefined) throw new Error('the route asks for a repository, and its path has none');
  return reference?.kind === 'tag'
    ? { type: 'repository', name, tag: reference.tag }
    : { type: 'repository', name };
}

/** Returns the scopes of a challenge: those that the route needs, and pull from the source of a mount. */
export function challengedScopes(asked: AskedRoute): Scope[] {
  const { access, source } = asked.route;
  const scopes: Scope[] = [];
  if (isOfResource(access)) {
    const { type, name } = resourceOf(access, asked);
    scopes.push({ type, name, actions: access.actions });
  }
  const from = source === undefined ? undefined : asked.query?.get(source);
  if (typeof from === 'string' && isRepositoryName(from) && from !== asked.name)
    scopes.push({ type: 'repository', name: from, actions: ['pull'] });
  return scopes;
}

export interface Grantable extends Pick<Resource, 'type' | 'name'> {
  readonly actions: readonly Action[];
}

const rows: readonly { readonly access: RouteAccess }[] = [
  ...Object.values(routes),
  ...Object.values(controllerRoutes),
];
const accesses = rows.map(({ access }) => access).filter(isOfResource);
const repositoryActions = actionsOf(accesses.filter(({ kind }) => kind === 'repository'));

/**
 * Returns the part of a scope that some route of the table requires: nothing else can be granted. Expands `*` on a repository, so that a token lists
 * what it grants.
 */
export function grantable({ type, name, actions }: Scope): Grantable | undefined {
  if (type !== 'repository' && type !== 'registry') return undefined;
  const known = knownActions(type, name).filter(
    (action) => actions.includes(action) || actions.includes('*'),
  );
  return known.length === 0 ? undefined : { type, name, actions: known };
}

/** Returns each action that some route requires on the resource. */
function knownActions(type: Resource['type'], name: string): readonly Action[] {
  if (type === 'repository') return isRepositoryName(name) ? repositoryActions : [];
  return actionsOf(accesses.filter((access) => access.kind === 'registry' && access.name === name));
}

function actionsOf(those: readonly ResourceAccess[]): readonly Action[] {
  return [...new Set(those.flatMap(({ actions }) => actions))];
}
