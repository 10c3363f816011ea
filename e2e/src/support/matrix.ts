import { type RouteId, routes } from '@longshore/oci';

export interface RouteRequest {
  readonly id: RouteId;
  readonly method: string;
  readonly path: string;
}

const digest = `sha256:${'0'.repeat(64)}`;
const reference: Readonly<Record<string, string>> = {
  '<digest>': digest,
  '<reference>': 'latest',
  '<id>': '00000000-0000-4000-8000-000000000000',
};

/** Lists every route with each of its methods, in one repository. A new route of the table is tested automatically. */
export function everyRequest(repository: string): RouteRequest[] {
  const ids = Object.keys(routes).filter((id): id is RouteId => id in routes);
  return ids.flatMap((id) => {
    const { methods, template } = routes[id];
    const path = template
      .replace('<name>', repository)
      .replaceAll(/<[a-z]+>/g, (part) => reference[part] ?? part);
    return methods.map((method) => ({ id, method, path }));
  });
}
