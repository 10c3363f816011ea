import { routes } from '@longshore/oci';
import { code, page, table } from './markdown.ts';

export function routesPage(): string {
  const rows = Object.entries(routes).map(([id, { methods, template, spec, access, owner }]) => [
    methods.join(', '),
    code(template),
    spec,
    access,
    owner,
    code(id),
  ]);
  return page('Routes', '`libs/oci/src/routes.ts`', [
    'All that is served under `/v2`. The path is matched as it was sent, never decoded: a `%`, `//` or `..` in it matches nothing.',
    table(['methods', 'path', 'specification', 'access', 'served by', 'id'], rows),
    '`pull`, `push` and `delete` are asked of the repository in the path, `catalog` of the registry; `authenticated` asks only who it is. Without `auth` in the configuration everybody has all of it. Clients reach every route at the gateway; those of blob-service may also be routed to it directly, since it has the same guard.',
    "Outside `/v2`: the token endpoint `/auth/token` (and `/token`) at the gateway, and `/health/live`, `/health/ready`, `/health/ready/push` and the metrics on every service's debug listener (`http.debug.addr`).",
  ]);
}
