import { managementRoutes } from './management-routes.ts';
import type { ControllerRoute, Route } from './route.ts';

const identity = { kind: 'identity' } as const;
const open = { kind: 'open' } as const;
const pull = { kind: 'repository', actions: ['pull'] } as const;
/** Clients ask for both, since they check for existing content before they send it. */
const push = { kind: 'repository', actions: ['pull', 'push'] } as const;
const remove = { kind: 'repository', actions: ['delete'] } as const;
const catalog = { kind: 'registry', name: 'catalog', actions: ['*'] } as const;

/** The one table of routes under /v2. Dispatch, the guard, the challenge, the scopes of tokens, metric labels and the reference page all use it. */
export const routes = {
  base: {
    methods: ['GET', 'HEAD'],
    template: '/v2/',
    spec: 'end-1',
    access: identity,
    owner: 'api-gateway',
  },
  catalog: {
    methods: ['GET', 'HEAD'],
    template: '/v2/_catalog',
    spec: 'docker',
    access: catalog,
    owner: 'manifest-service',
  },
  discover: {
    methods: ['GET', 'HEAD'],
    template: '/v2/_oci/ext/discover',
    spec: 'extensions/_oci',
    access: identity,
    owner: 'api-gateway',
  },
  'repository-discover': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/_oci/ext/discover',
    spec: 'extensions/_oci',
    access: pull,
    owner: 'api-gateway',
  },
  tags: {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/tags/list',
    spec: 'end-8',
    access: pull,
    owner: 'manifest-service',
  },
  referrers: {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/referrers/<digest>',
    spec: 'end-12',
    access: pull,
    owner: 'manifest-service',
  },
  'manifest-get': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/manifests/<reference>',
    spec: 'end-3',
    access: pull,
    owner: 'manifest-service',
  },
  'manifest-put': {
    methods: ['PUT'],
    template: '/v2/<name>/manifests/<reference>',
    spec: 'end-7',
    access: push,
    owner: 'manifest-service',
  },
  'manifest-delete': {
    methods: ['DELETE'],
    template: '/v2/<name>/manifests/<reference>',
    spec: 'end-9',
    access: remove,
    owner: 'manifest-service',
  },
  'blob-get': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/blobs/<digest>',
    spec: 'end-2',
    access: pull,
    owner: 'blob-service',
  },
  'blob-delete': {
    methods: ['DELETE'],
    template: '/v2/<name>/blobs/<digest>',
    spec: 'end-10',
    access: remove,
    owner: 'blob-service',
  },
  'upload-start': {
    methods: ['POST'],
    template: '/v2/<name>/blobs/uploads/',
    spec: 'end-4, end-11',
    access: push,
    source: 'from',
    owner: 'blob-service',
  },
  'upload-status': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-13',
    access: push,
    owner: 'blob-service',
  },
  'upload-patch': {
    methods: ['PATCH'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-5',
    access: push,
    owner: 'blob-service',
  },
  'upload-put': {
    methods: ['PUT'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-6',
    access: push,
    owner: 'blob-service',
  },
  'upload-cancel': {
    methods: ['DELETE'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-14',
    access: push,
    owner: 'blob-service',
  },
} as const satisfies Record<string, Route>;

export type RouteId = keyof typeof routes;

const isRouteId = (id: string): id is RouteId => Object.hasOwn(routes, id);

export const routeIds: readonly RouteId[] = Object.keys(routes).filter(isRouteId);

/** The other routes of the registry's listener. */
export const controllerRoutes = {
  alive: {
    methods: ['GET', 'HEAD'],
    templates: ['/'],
    spec: 'docker',
    access: open,
    at: 'every listener',
  },
  token: {
    methods: ['GET', 'POST'],
    templates: ['/auth/token', '/token'],
    spec: 'docker',
    access: open,
    at: 'api-gateway',
  },
  login: {
    methods: ['GET'],
    templates: ['/auth/login'],
    spec: 'longshore',
    access: open,
    at: 'api-gateway',
  },
  'login-start': {
    methods: ['GET'],
    templates: ['/auth/login/<provider>'],
    spec: 'openid-connect-core',
    access: open,
    at: 'api-gateway',
  },
  'login-callback': {
    methods: ['GET'],
    templates: ['/auth/callback/<provider>'],
    spec: 'openid-connect-core',
    access: open,
    at: 'api-gateway',
  },
  'access-tokens': {
    methods: ['POST'],
    templates: ['/auth/access-tokens'],
    spec: 'longshore',
    access: open,
    at: 'api-gateway',
  },
  logout: {
    methods: ['POST'],
    templates: ['/auth/logout'],
    spec: 'openid-connect-rpinitiated',
    access: open,
    at: 'api-gateway',
  },
  'back-channel-logout': {
    methods: ['POST'],
    templates: ['/auth/logout/<provider>'],
    spec: 'openid-connect-backchannel',
    access: open,
    at: 'api-gateway',
  },
  device: {
    methods: ['GET', 'POST'],
    templates: ['/auth/device'],
    spec: 'rfc8628',
    access: open,
    at: 'api-gateway',
  },
  'device-code': {
    methods: ['POST'],
    templates: ['/auth/device/code'],
    spec: 'rfc8628',
    access: open,
    at: 'api-gateway',
  },
  'device-token': {
    methods: ['POST'],
    templates: ['/auth/device/token'],
    spec: 'rfc8628',
    access: open,
    at: 'api-gateway',
  },
  keys: {
    methods: ['GET'],
    templates: ['/.well-known/jwks.json'],
    spec: 'rfc7517',
    access: open,
    at: 'api-gateway',
  },
  'device-revoke': {
    methods: ['POST'],
    templates: ['/auth/device/revoke'],
    spec: 'rfc7009',
    access: open,
    at: 'api-gateway',
  },
  ...managementRoutes,
} as const satisfies Record<string, ControllerRoute>;

export type ControllerRouteId = keyof typeof controllerRoutes;

const isControllerRouteId = (id: string): id is ControllerRouteId => Object.hasOwn(controllerRoutes, id);

export const controllerRouteIds: readonly ControllerRouteId[] =
  Object.keys(controllerRoutes).filter(isControllerRouteId);

/**
 * The paths of each service's debug listener (`http.debug.addr`), for GET. They ask for nothing: no ingress reaches that listener. The path of the
 * metrics is configurable.
 */
export const debugPaths = ['/health/live', '/health/ready', '/health/ready/push', '/metrics'] as const;

/** The routes for which one process must have handlers. */
export interface ServedRoutes {
  readonly endpoints: readonly RouteId[];
  readonly controllers: readonly ControllerRouteId[];
}

/** Clients reach every route at api-gateway. The routes of blob-service may also be pointed straight at blob-service. */
export function routesServedBy(service: 'api-gateway' | 'blob-service'): ServedRoutes {
  if (service === 'api-gateway') return { endpoints: routeIds, controllers: controllerRouteIds };
  return {
    endpoints: routeIds.filter((id) => routes[id].owner === 'blob-service'),
    controllers: controllerRouteIds.filter((id) => controllerRoutes[id].at === 'every listener'),
  };
}
