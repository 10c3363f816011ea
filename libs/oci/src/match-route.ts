import { type Digest, parseDigest } from './digest.ts';
import { OciError } from './errors.ts';
import { parseReference, type Reference } from './reference.ts';
import { parseRepositoryName, type RepositoryName } from './repository-name.ts';
import type { Route } from './route.ts';
import { type RouteId, routeIds, routes } from './routes.ts';
import { isTag } from './tag.ts';

/** The parsed path of a request. Parts that the route's template does not name are absent. */
export interface RouteMatch {
  readonly id: RouteId;
  readonly route: Route;
  readonly method: string;
  readonly name?: RepositoryName;
  readonly reference?: Reference;
  readonly digest?: Digest;
  readonly uploadId?: string;
  /** A copy for this request, which may be modified. */
  readonly query: URLSearchParams;
}

/** The routes that share a path, and the answer to other methods. */
interface Endpoint {
  readonly ids: ReadonlyMap<string, RouteId>;
  readonly allow: string;
}

type Location = readonly [Endpoint, name?: string, last?: string];

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const escapedColon = /^(sha256|sha512)%3A/i;
const longestPath = 8192;
const root = '/v2/';

const base = endpointAt('/v2/');
const catalog = endpointAt('/v2/_catalog');
const discover = endpointAt('/v2/_oci/ext/discover');
const repositoryDiscover = endpointAt('/v2/<name>/_oci/ext/discover');
const tags = endpointAt('/v2/<name>/tags/list');
const referrers = endpointAt('/v2/<name>/referrers/<digest>');
const manifests = endpointAt('/v2/<name>/manifests/<reference>');
const blobs = endpointAt('/v2/<name>/blobs/<digest>');
const uploads = endpointAt('/v2/<name>/blobs/uploads/');
const upload = endpointAt('/v2/<name>/blobs/uploads/<id>');

/**
 * Finds the route of a raw request target. Reads the path from the right, since repository names contain slashes and may contain the words of the
 * API. Does not percent-decode: no name or tag needs it, and two readings of one path let requests bypass guards. Only the colon of a digest may be
 * escaped, as the Azure SDK for Python does.
 * @throws OciError NOT_FOUND, UNSUPPORTED (405 with Allow), or the error of an invalid part of the path
 */
export function matchRoute(method: string, target: string): RouteMatch {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  if (path.length > longestPath)
    throw new OciError('NAME_INVALID', { reason: 'the path is too long' }, { status: 414 });
  const location = locate(path);
  if (location === undefined) throw new OciError('NOT_FOUND', { path: path.slice(0, 256) });
  const [endpoint, name, last = ''] = location;
  const id = endpoint.ids.get(method);
  if (id === undefined) throw new OciError('UNSUPPORTED', { method }, { headers: { allow: endpoint.allow } });
  const query = mark === -1 ? new URLSearchParams() : new URLSearchParams(target.slice(mark + 1));
  const match = { id, route: routes[id], method, query };
  return name === undefined ? match : inRepository(match, endpoint, parseRepositoryName(name), last);
}

function inRepository(
  match: RouteMatch,
  endpoint: Endpoint,
  name: RepositoryName,
  written: string,
): RouteMatch {
  const last = written.replace(escapedColon, '$1:');
  const { id, route, method, query } = match;
  switch (endpoint) {
    case manifests:
      return { id, route, method, name, reference: referenceOf(id, last), query };
    case blobs:
    case referrers:
      return { id, route, method, name, digest: parseDigest(last), query };
    case upload:
      return { id, route, method, name, uploadId: parseUploadId(last), query };
    default:
      return { id, route, method, name, query };
  }
}

/**
 * A pull with an invalid tag is answered 404, as by distribution and zot; the specification's conformance suite requires it. A push with one learns
 * the reason.
 */
function referenceOf(id: RouteId, text: string): Reference {
  if (id === 'manifest-get' && !text.includes(':') && !isTag(text))
    throw new OciError('MANIFEST_UNKNOWN', { reference: text.slice(0, 256) });
  return parseReference(text);
}

function locate(path: string): Location | undefined {
  if (path === '/v2/' || path === '/v2') return [base];
  if (!path.startsWith(root)) return undefined;
  const slash = path.lastIndexOf('/');
  const last = path.slice(slash + 1);
  if (slash === root.length - 1) return last === '_catalog' ? [catalog] : undefined;
  const before = path.lastIndexOf('/', slash - 1);
  // No repository: the path has no room for a name, even an empty one, between the root and the word.
  if (before < root.length) return undefined;
  return locateInRepository(path.slice(root.length, before), path.slice(before + 1, slash), last);
}

function locateInRepository(head: string, word: string, last: string): Location | undefined {
  // Only the start of an upload has a path with a trailing slash.
  if (last === '') return word === 'uploads' ? locateUpload(head, last) : undefined;
  switch (word) {
    case 'manifests':
      return [manifests, head, last];
    case 'blobs':
      return last === 'uploads' ? [uploads, head] : [blobs, head, last];
    case 'uploads':
      return locateUpload(head, last);
    case 'referrers':
      return [referrers, head, last];
    case 'tags':
      return last === 'list' ? [tags, head] : undefined;
    case 'ext':
      return last === 'discover' ? locateDiscover(head) : undefined;
    default:
      return undefined;
  }
}

function locateUpload(head: string, last: string): Location | undefined {
  if (!head.endsWith('/blobs')) return undefined;
  const name = head.slice(0, -'/blobs'.length);
  return last === '' ? [uploads, name] : [upload, name, last];
}

function locateDiscover(head: string): Location | undefined {
  if (head === '_oci') return [discover];
  return head.endsWith('/_oci') ? [repositoryDiscover, head.slice(0, -'/_oci'.length)] : undefined;
}

function parseUploadId(text: string): string {
  if (!uuid.test(text)) throw new OciError('BLOB_UPLOAD_UNKNOWN', { uploadId: text.slice(0, 64) });
  return text;
}

function endpointAt(template: string): Endpoint {
  const ids = routeIds.filter((id) => routes[id].template === template);
  const entries = ids.flatMap((id) => routes[id].methods.map((method): [string, RouteId] => [method, id]));
  return { ids: new Map(entries), allow: entries.map(([method]) => method).join(', ') };
}
