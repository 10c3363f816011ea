import { isRepositoryName, type RouteMatch } from '@longshore/oci';
import type { Scope } from './scope.ts';

const actionsOf = { pull: ['pull'], push: ['pull', 'push'], delete: ['delete'] } as const;

/** The scopes that a route needs; distribution's clients know them by method: a push asks for pull and push. */
export function requiredScopes({ route, name }: RouteMatch): Scope[] {
  switch (route.access) {
    case 'none':
    case 'authenticated':
      return [];
    case 'catalog':
      return [{ type: 'registry', name: 'catalog', actions: ['*'] }];
    case 'pull':
    case 'push':
    case 'delete':
      return name === undefined ? [] : [{ type: 'repository', name, actions: actionsOf[route.access] }];
  }
}

/** The scopes to ask a client for: those the route needs, and to read the source of a mount, without which it becomes an upload. */
export function challengedScopes(match: RouteMatch): Scope[] {
  const from = match.id === 'upload-start' ? match.query.get('from') : null;
  const source =
    from !== null && isRepositoryName(from) && from !== match.name
      ? [{ type: 'repository', name: from, actions: ['pull'] }]
      : [];
  return [...requiredScopes(match), ...source];
}
