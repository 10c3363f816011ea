import {
  type ControllerRoute,
  controllerRoutes,
  type RouteId,
  routes,
  type ServedRoutes,
} from '@longshore/oci';
import { controllerPaths } from './controller-paths.ts';
import type { EndpointHandler } from './endpoint.decorator.ts';

export interface Handlers {
  readonly endpoints: { find(id: RouteId): EndpointHandler | undefined };
  /** The rows that Nest controllers name. */
  readonly rows: ReadonlySet<ControllerRoute>;
  /** Tells whether Fastify's router has the route. */
  readonly isRegistered: (method: string, url: string) => boolean;
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
    ...[...handlers.rows].flatMap((row) => elsewhere(row, handlers)),
  ];
  if (missing.length > 0) throw new Error(`no handler for the routes: ${missing.join('; ')}`);
}

/** Returns the paths of a row that its controller does not answer. */
function elsewhere(row: ControllerRoute, { isRegistered }: Pick<Handlers, 'isRegistered'>): string[] {
  return controllerPaths(row).flatMap((url) =>
    row.methods.filter((method) => !isRegistered(method, url)).map((method) => `${method} ${url}`),
  );
}
