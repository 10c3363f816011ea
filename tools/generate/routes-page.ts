import { formatScope, grantable } from '@longshore/authorization';
import {
  type ControllerRoute,
  controllerRoutes,
  debugPaths,
  type Route,
  type RouteAccess,
  routes,
} from '@longshore/oci';
import { code, page, table } from './markdown.ts';

export function routesPage(): string {
  const rows = Object.entries(routes).map(([id, route]) => registryRow(id, route));
  const others = Object.entries(controllerRoutes).map(([id, route]) => controllerRow(id, route));
  const debugRows = debugPaths.map((path) => [
    'GET',
    code(path),
    '',
    'nothing',
    'the debug listener of each service',
    '',
  ]);
  const most = grantable({ type: 'repository', name: 'team/app', actions: ['*'] });
  return page('Routes', '`libs/oci/src/routes.ts`', [
    'All that is served under `/v2`. The path is matched as it was sent, never decoded: a `%`, `//` or `..` in it matches nothing.',
    table(['methods', 'path', 'specification', 'asks for', 'served by', 'id'], rows),
    '**asks for** is what the guard wants, what the challenge (`WWW-Authenticate`) names as scope, and what the token endpoint can grant. `identity` asks only who it is. A request that asks for two actions needs both; no action implies another. A mount also names `repository:<from>:pull` in the challenge; without that right it becomes an upload.',
    `A token can hold at most what some route asks for: \`${most === undefined ? '' : formatScope(most)}\` for one repository, and \`registry:catalog:*\`. \`repository:<name>:*\` in a request stands for the former.`,
    'The rules of access (`access`, ADR 0026) say what an account may do. A token is limited to its scopes, an access token to its limits. Without `auth` in the configuration nobody is asked who they are, and everybody has all rights. Clients reach every route at the gateway; those of blob-service may also be routed to it directly, since it decides access in the same way.',
    '## Beside /v2',
    table(['methods', 'path', 'specification', 'asks for', 'served by', 'id'], [...others, ...debugRows]),
    'The token endpoint checks the credentials itself, with the scopes of the request. The debug listener (`http.debug.addr`) asks for nothing: keep it from clients. `http.debug.prometheus.path` is the path of the metrics.',
  ]);
}

function registryRow(id: string, { methods, template, spec, access, owner }: Route): readonly string[] {
  return [methods.join(', '), code(template), spec, asksFor(access), owner, code(id)];
}

function controllerRow(
  id: string,
  { methods, templates, spec, access, at }: ControllerRoute,
): readonly string[] {
  return [methods.join(', '), templates.map(code).join(', '), spec, asksFor(access), at, code(id)];
}

function asksFor(access: RouteAccess): string {
  switch (access.kind) {
    case 'open':
      return 'nothing';
    case 'identity':
      return 'identity';
    case 'repository':
      return code(`repository:<name>:${access.actions.join(',')}`);
    case 'registry':
      return code(`registry:${access.name}:${access.actions.join(',')}`);
  }
}
