import { createHmac } from 'node:crypto';
import type { OssRequest } from '../wire/oss-request.ts';

/** The documented sub-resources. Only these query parameters, and those that begin with `x-oss-`, are signed. */
const subResources = new Set(
  [
    'acl uploads location cors logging website referer lifecycle delete append tagging objectMeta uploadId partNumber',
    'security-token position img style styleName replication replicationProgress replicationLocation cname bucketInfo',
    'comp qos live status vod startTime endTime symlink restore callback callback-var versions versioning versionId',
    'sequential continuation-token stat policy requestPayment encryption inventory inventoryId worm wormId wormExtend',
    'response-content-type response-content-language response-expires response-cache-control',
    'response-content-disposition response-content-encoding regionList cloudboxes resourceGroup',
  ].flatMap((names) => names.split(' ')),
);

/** @param date the request's own date (x-oss-date before Date), or the expiry of a signed URL in seconds */
export function stringToSignV1(request: Omit<OssRequest, 'body' | 'host'>, date: string): string {
  const { method, headers, bucket, key } = request;
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .toSorted()
    .map((name) => `${name}:${headers[name] ?? ''}\n`);
  const resource = bucket === '' ? '/' : `/${bucket}/${key}`;
  return [
    `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${date}\n`,
    ...ossHeaders,
    resource,
    subResourcesOf(request.query),
  ].join('');
}

export function signV1(secret: string, stringToSign: string): string {
  return createHmac('sha1', secret).update(stringToSign).digest('base64');
}

function subResourcesOf(query: ReadonlyMap<string, string>): string {
  const signed = [...query]
    .filter(([name]) => subResources.has(name) || name.startsWith('x-oss-'))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return signed.length === 0 ? '' : `?${signed.join('&')}`;
}
