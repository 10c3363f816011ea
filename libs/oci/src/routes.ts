/** Who may use a route. `pull`, `push` and `delete` are asked of the repository in the path. */
export type RouteAccess = 'none' | 'authenticated' | 'pull' | 'push' | 'delete' | 'catalog';

export interface Route {
  /** In the order in which `Allow` lists them. */
  readonly methods: readonly string[];
  readonly template: string;
  /** The specification's name of the endpoint. */
  readonly spec: string;
  readonly access: RouteAccess;
  readonly owner: 'api-gateway' | 'blob-service' | 'manifest-service';
}

/** The one table of routes under /v2: dispatch, access, metric labels and the reference page come from it. */
export const routes = {
  base: {
    methods: ['GET', 'HEAD'],
    template: '/v2/',
    spec: 'end-1',
    access: 'authenticated',
    owner: 'api-gateway',
  },
  catalog: {
    methods: ['GET', 'HEAD'],
    template: '/v2/_catalog',
    spec: 'docker',
    access: 'catalog',
    owner: 'manifest-service',
  },
  discover: {
    methods: ['GET', 'HEAD'],
    template: '/v2/_oci/ext/discover',
    spec: 'extensions/_oci',
    access: 'authenticated',
    owner: 'api-gateway',
  },
  'repository-discover': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/_oci/ext/discover',
    spec: 'extensions/_oci',
    access: 'pull',
    owner: 'api-gateway',
  },
  tags: {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/tags/list',
    spec: 'end-8',
    access: 'pull',
    owner: 'manifest-service',
  },
  referrers: {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/referrers/<digest>',
    spec: 'end-12',
    access: 'pull',
    owner: 'manifest-service',
  },
  'manifest-get': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/manifests/<reference>',
    spec: 'end-3',
    access: 'pull',
    owner: 'manifest-service',
  },
  'manifest-put': {
    methods: ['PUT'],
    template: '/v2/<name>/manifests/<reference>',
    spec: 'end-7',
    access: 'push',
    owner: 'manifest-service',
  },
  'manifest-delete': {
    methods: ['DELETE'],
    template: '/v2/<name>/manifests/<reference>',
    spec: 'end-9',
    access: 'delete',
    owner: 'manifest-service',
  },
  'blob-get': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/blobs/<digest>',
    spec: 'end-2',
    access: 'pull',
    owner: 'blob-service',
  },
  'blob-delete': {
    methods: ['DELETE'],
    template: '/v2/<name>/blobs/<digest>',
    spec: 'end-10',
    access: 'delete',
    owner: 'blob-service',
  },
  'upload-start': {
    methods: ['POST'],
    template: '/v2/<name>/blobs/uploads/',
    spec: 'end-4, end-11',
    access: 'push',
    owner: 'blob-service',
  },
  'upload-status': {
    methods: ['GET', 'HEAD'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-13',
    access: 'push',
    owner: 'blob-service',
  },
  'upload-patch': {
    methods: ['PATCH'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-5',
    access: 'push',
    owner: 'blob-service',
  },
  'upload-put': {
    methods: ['PUT'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-6',
    access: 'push',
    owner: 'blob-service',
  },
  'upload-cancel': {
    methods: ['DELETE'],
    template: '/v2/<name>/blobs/uploads/<id>',
    spec: 'end-14',
    access: 'push',
    owner: 'blob-service',
  },
} as const satisfies Record<string, Route>;

export type RouteId = keyof typeof routes;

const isRouteId = (id: string): id is RouteId => Object.hasOwn(routes, id);

export const routeIds: readonly RouteId[] = Object.keys(routes).filter(isRouteId);
