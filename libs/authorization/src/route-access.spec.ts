import {
  controllerRouteIds,
  controllerRoutes,
  matchRoute,
  type RouteAccess,
  routeIds,
  routes,
} from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import { challengedScopes, grantable, isOfResource, resourceOf } from './route-access.ts';
import type { Resource } from './rights.ts';
import { formatScope, parseScope } from './scope.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const rows: readonly (readonly [string, RouteAccess])[] = [
  ...routeIds.map((id) => [id, routes[id].access] as const),
  ...controllerRouteIds.map((id) => [id, controllerRoutes[id].access] as const),
];

describe('the table of routes', () => {
  it.each(rows)('asks for nothing at %s that no token could grant', (_, access) => {
    const asked = { route: { access }, name: 'team/app' };
    // The scopes as a client gets them in a challenge and sends them to the token endpoint.
    const sent = challengedScopes(asked).flatMap((scope) => parseScope(formatScope(scope)) ?? []);
    expect(sent.flatMap((scope) => grantable(scope) ?? [])).toEqual(
      isOfResource(access) ? [{ ...resourceOf(access, asked), actions: access.actions }] : [],
    );
  });
});

function resourceAt(method: string, path: string): Resource | undefined {
  const match = matchRoute(method, path);
  return isOfResource(match.route.access) ? resourceOf(match.route.access, match) : undefined;
}

describe('resourceOf', () => {
  it('names the repository in the path, and the tag', () => {
    expect(resourceAt('GET', '/v2/a/b/tags/list')).toEqual({ type: 'repository', name: 'a/b' });
    expect(resourceAt('PUT', '/v2/a/manifests/1')).toEqual({ type: 'repository', name: 'a', tag: '1' });
    expect(resourceAt('GET', `/v2/a/manifests/${digest}`)).toEqual({ type: 'repository', name: 'a' });
    expect(resourceAt('GET', '/v2/_catalog')).toEqual({ type: 'registry', name: 'catalog' });
  });

  it('does not take a path without a repository for one that asks for nothing', () => {
    const access = { kind: 'repository', actions: ['pull'] } as const;
    expect(() => resourceOf(access, { route: { access } })).toThrow('its path has none');
  });
});

describe('challengedScopes', () => {
  it.each([
    ['GET', '/v2/', []],
    ['GET', '/v2/_catalog', ['registry:catalog:*']],
    ['HEAD', `/v2/a/b/blobs/${digest}`, ['repository:a/b:pull']],
    ['GET', '/v2/a/tags/list', ['repository:a:pull']],
    ['PUT', '/v2/a/manifests/1', ['repository:a:pull,push']],
    ['POST', '/v2/a/blobs/uploads/', ['repository:a:pull,push']],
    ['DELETE', '/v2/a/manifests/1', ['repository:a:delete']],
    ['DELETE', `/v2/a/blobs/${digest}`, ['repository:a:delete']],
  ])('%s %s', (method, url, scopes) => {
    expect(challengedScopes(matchRoute(method, url)).map(formatScope)).toEqual(scopes);
  });

  it('asks for the source of a mount too', () => {
    const scopes = challengedScopes(matchRoute('POST', `/v2/a/blobs/uploads/?mount=${digest}&from=b/c`));
    expect(scopes.map(formatScope)).toEqual(['repository:a:pull,push', 'repository:b/c:pull']);
  });

  it('asks for nothing in the name of a source that is no name', () => {
    expect(
      challengedScopes(matchRoute('POST', `/v2/a/blobs/uploads/?mount=${digest}&from=B%22`)),
    ).toHaveLength(1);
  });
});

describe('grantable', () => {
  it.each([
    ['repository:a:pull,fly', ['pull']],
    ['repository:a:*', expect.arrayContaining(['pull', 'push', 'delete'])],
    ['registry:catalog:*', ['*']],
    ['registry:catalog:pull', undefined],
    ['registry:other:*', undefined],
    ['plugin:a:pull', undefined],
    ['repository:localhost:5000/a:pull', undefined],
  ])('%s', (text, actions) => {
    const scope = parseScope(text);
    expect(scope === undefined ? undefined : grantable(scope)?.actions).toEqual(actions);
  });
});
