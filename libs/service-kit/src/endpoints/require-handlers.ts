import {
  type ControllerRoute,
  controllerRoutes,
  type RouteId,
  routes,
  type ServedRoutes,
} from '@longshore/oci';
import type { EndpointHandler } from './endpoint.decorator.ts';

export interface Handlers {
  readonly endpoints: { find(id: RouteId): EndpointHandler | undefined };
  /** The rows that Nest controllers name. */
  readonly rows: ReadonlySet<ControllerRoute>;
  /** The routes in Fastify's router: `GET /auth/token`. */
  readonly registered: ReadonlySet<string>;
}

/** @throws Error with the name of each route that the process serves without a handler: it would answer 404 */
export function requireHandlers({ endpoints, controllers }: ServedRoutes, handlers: Handlers): void {
  const missing = [
    ...endpoints
      .filter((id) => handlers.endpoints.find(id) === undefined)
      .map((id) => `${id} (${routes[id].methods.join(', ')} ${routes[id].template})`),
    ...controllers
      .filter((id) => !handlers.rows.has(controllerRoutes[id]))
      .map((id) => `${id} (${controllerRoutes[id].templates.join(', ')})`),
    ...[...handlers.rows].flatMap((row) => elsewhere(row, handlers.registered)),
  ];
  if (missing.length > 0) throw new Error(`no handler for the routes: ${missing.join('; ')}`);
}

/** Returns the paths of a row that its controller does not answer. */
function elsewhere({ methods, templates }: ControllerRoute, registered: ReadonlySet<string>): string[] {
  return templates
    .flatMap((template) => methods.map((method) => `${method} ${template.replaceAll(/<([a-z]+)>/g, ':$1')}`))
    .filter((route) => !registered.has(route));
}
