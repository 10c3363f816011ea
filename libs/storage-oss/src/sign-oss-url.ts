import { createHash, createHmac } from 'node:crypto';
import type { OssCredentials } from './credentials/oss-credentials.ts';
import { objectUrl, type OssAddress, percentEncode } from './oss-address.ts';

export interface SignableUrl {
  readonly address: OssAddress;
  readonly bucket: string;
  readonly name: string;
  readonly method: 'GET' | 'HEAD';
  /** The signing time in the URL, in whole seconds. */
  readonly at: Date;
  readonly expiresInSeconds: number;
  readonly credentials: OssCredentials;
}

const algorithm = 'OSS4-HMAC-SHA256';
/** Longest validity in seconds of a URL of version 4. */
const longest = 7 * 24 * 3600;

// The SDK can sign URLs too, but only for the current moment, so no two would be equal.

/** Signs a URL with version 1 ("Add signatures to URLs" in OSS's documentation). */
export function signUrlV1(wanted: SignableUrl): string {
  const { bucket, name, method, at, expiresInSeconds, credentials } = wanted;
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const expires = String(Math.floor(at.getTime() / 1000) + expiresInSeconds);
  const signed = securityToken === undefined ? '' : `?security-token=${securityToken}`;
  const toSign = `${method}\n\n\n${expires}\n/${bucket}/${name}${signed}`;
  const signature = createHmac('sha1', accessKeySecret).update(toSign).digest('base64');
  return withQuery(wanted, [
    ['OSSAccessKeyId', accessKeyId],
    ['Expires', expires],
    ['Signature', signature],
    ...(securityToken === undefined ? [] : ([['security-token', securityToken]] as const)),
  ]);
}

/** Signs a URL with version 4 ("Include a V4 signature in a URL" in OSS's documentation). */
export function signUrlV4(wanted: SignableUrl, region: string): string {
  const { bucket, name, method, at, expiresInSeconds, credentials } = wanted;
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = [time.slice(0, 8), region, 'oss', 'aliyun_v4_request'];
  // Sorted by name, as they are signed.
  const query: readonly (readonly [string, string])[] = [
    ['x-oss-credential', [accessKeyId, ...scope].join('/')],
    ['x-oss-date', time],
    ['x-oss-expires', String(Math.min(expiresInSeconds, longest))],
    ...(securityToken === undefined ? [] : ([['x-oss-security-token', securityToken]] as const)),
    ['x-oss-signature-version', algorithm],
  ];
  const path = percentEncode(`/${bucket}/${name}`).replaceAll('%2F', '/');
  const canonical = `${method}\n${path}\n${encoded(query)}\n\n\nUNSIGNED-PAYLOAD`;
  const hash = createHash('sha256').update(canonical).digest('hex');
  let key: string | Buffer = `aliyun_v4${accessKeySecret}`;
  for (const step of scope) key = createHmac('sha256', key).update(step).digest();
  const signature = createHmac('sha256', key)
    .update(`${algorithm}\n${time}\n${scope.join('/')}\n${hash}`)
    .digest('hex');
  return withQuery(wanted, [...query, ['x-oss-signature', signature]]);
}

function withQuery(
  { address, bucket, name }: SignableUrl,
  query: readonly (readonly [string, string])[],
): string {
  return `${objectUrl(address, bucket, name).href}?${encoded(query)}`;
}

function encoded(query: readonly (readonly [string, string])[]): string {
  return query.map((pair) => pair.map(percentEncode).join('=')).join('&');
}
