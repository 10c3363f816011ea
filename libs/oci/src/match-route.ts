import { type Digest, parseDigest } from './digest.ts';
import { OciError } from './errors.ts';
import { parseReference, type Reference } from './reference.ts';
import { parseRepositoryName, type RepositoryName } from './repository-name.ts';
import { type Route, type RouteId, routes } from './routes.ts';

/** A request's path, understood once. What a route's template does not name is absent. */
export interface RouteMatch {
  readonly id: RouteId;
  readonly route: Route;
  readonly method: string;
  readonly name?: RepositoryName;
  readonly reference?: Reference;
  readonly digest?: Digest;
  readonly uploadId?: string;
  readonly query: URLSearchParams;
}

type Parameters = Pick<RouteMatch, 'name' | 'reference' | 'digest' | 'uploadId'>;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const noQuery = new URLSearchParams();
const longestPath = 8192;

const idsOf = (template: string): readonly RouteId[] =>
  (Object.keys(routes) as RouteId[]).filter((id) => routes[id].template === template);
const byTemplate = {
  base: idsOf('/v2/'),
  catalog: idsOf('/v2/_catalog'),
  discover: idsOf('/v2/_oci/ext/discover'),
  repositoryDiscover: idsOf('/v2/<name>/_oci/ext/discover'),
  tags: idsOf('/v2/<name>/tags/list'),
  referrers: idsOf('/v2/<name>/referrers/<digest>'),
  manifests: idsOf('/v2/<name>/manifests/<reference>'),
  blobs: idsOf('/v2/<name>/blobs/<digest>'),
  uploads: idsOf('/v2/<name>/blobs/uploads/'),
  upload: idsOf('/v2/<name>/blobs/uploads/<id>'),
};

/**
 * Finds the route of a raw request target. The path is read from the right, since repository names hold slashes and may hold the
 * words of the API. It is never percent-decoded: no name, tag or digest needs it, and two readings of one path are how guards are passed.
 * @throws OciError NOT_FOUND, UNSUPPORTED (405 with Allow), or what the path's parts are refused with
 */
export function matchRoute(method: string, target: string): RouteMatch {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? noQuery : new URLSearchParams(target.slice(mark + 1));
  if (path.length > longestPath) throw new OciError('NAME_INVALID', { reason: 'the path is too long' }, { status: 414 });
  const found = resolve(path);
  if (found === undefined) throw new OciError('NOT_FOUND', { path });
  const [ids, parameters] = found;
  for (const id of ids) {
    const route: Route = routes[id];
    if (route.methods.includes(method)) return { id, route, method, query, ...parameters() };
  }
  const allow = ids.flatMap((id) => routes[id].methods).join(', ');
  throw new OciError('UNSUPPORTED', { method }, { headers: { allow } });
}

function resolve(path: string): [readonly RouteId[], () => Parameters] | undefined {
  if (path === '/v2/' || path === '/v2') return [byTemplate.base, () => ({})];
  if (!path.startsWith('/v2/')) return undefined;
  const rest = path.slice('/v2/'.length);
  if (rest === '_catalog') return [byTemplate.catalog, () => ({})];
  if (rest === '_oci/ext/discover') return [byTemplate.discover, () => ({})];
  const slash = rest.lastIndexOf('/');
  const head = rest.slice(0, Math.max(slash, 0));
  return resolveInRepository(head, rest.slice(slash + 1));
}

function resolveInRepository(head: string, last: string): [readonly RouteId[], () => Parameters] | undefined {
  const named = (suffix: string): RepositoryName => parseRepositoryName(head.slice(0, head.length - suffix.length));
  if (head.endsWith('/manifests')) return [byTemplate.manifests, () => ({ name: named('/manifests'), reference: parseReference(last) })];
  if (head.endsWith('/blobs/uploads')) {
    if (last === '') return [byTemplate.uploads, () => ({ name: named('/blobs/uploads') })];
    return [byTemplate.upload, () => ({ name: named('/blobs/uploads'), uploadId: parseUploadId(last) })];
  }
  if (head.endsWith('/blobs')) {
    if (last === 'uploads') return [byTemplate.uploads, () => ({ name: named('/blobs') })];
    return [byTemplate.blobs, () => ({ name: named('/blobs'), digest: parseDigest(last) })];
  }
  if (head.endsWith('/referrers')) return [byTemplate.referrers, () => ({ name: named('/referrers'), digest: parseDigest(last) })];
  if (last === 'list' && head.endsWith('/tags')) return [byTemplate.tags, () => ({ name: named('/tags') })];
  if (last === 'discover' && head.endsWith('/_oci/ext')) return [byTemplate.repositoryDiscover, () => ({ name: named('/_oci/ext') })];
  return undefined;
}

function parseUploadId(text: string): string {
  if (!uuid.test(text)) throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: text.slice(0, 64) });
  return text;
}
