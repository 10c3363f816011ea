/**
 * An action on a resource, in the words of distribution's token specification. On the catalog, `*` means listing. `overwrite` (moving a tag) and `list`
 * (being shown in the catalog) are words of policies; no route asks for them.
 */
export type Action = 'pull' | 'push' | 'overwrite' | 'list' | 'delete' | '*';

/** The access that a route requires. */
export type RouteAccess =
  /** No access. Credentials are ignored. */
  | { readonly kind: 'open' }
  /** An authenticated caller. */
  | { readonly kind: 'identity' }
  /** Actions on the repository in the path. */
  | { readonly kind: 'repository'; readonly actions: readonly Action[] }
  /** Actions on a resource of the registry as a whole. */
  | { readonly kind: 'registry'; readonly name: string; readonly actions: readonly Action[] };

/** A row of the table of routes under /v2. */
export interface Route {
  /** Methods, in the order of the `Allow` header. */
  readonly methods: readonly string[];
  readonly template: string;
  /** The endpoint's name in the specification. */
  readonly spec: string;
  readonly access: RouteAccess;
  /**
   * A query parameter that names a second repository. The challenge also asks for `pull` there: a mount with an unreadable source becomes an upload,
   * and no client then asks for more access.
   */
  readonly source?: string;
  /** The service that implements the route. */
  readonly owner: 'api-gateway' | 'blob-service' | 'manifest-service';
}

/** A row of the table of routes outside /v2, which Nest controllers answer. */
export interface ControllerRoute {
  readonly methods: readonly string[];
  /** Its paths. A parameter is written `<name>`. */
  readonly templates: readonly string[];
  readonly spec: string;
  readonly access: RouteAccess;
  /** The listeners that have the route. */
  readonly at: 'every listener' | 'api-gateway';
}
