import { createHash, createHmac } from 'node:crypto';
import { percentEncode } from '../wire/oss-reply.ts';
import type { OssRequest } from '../wire/oss-request.ts';

export interface Scope {
  /** yyyymmdd */
  readonly day: string;
  readonly region: string;
  readonly product: string;
}

export const algorithmV4 = 'OSS4-HMAC-SHA256';

/** @param additional lower-case names of headers that are signed in addition to the usual ones */
export function canonicalRequestV4(
  request: Omit<OssRequest, 'body' | 'host'>,
  additional: readonly string[],
): string {
  const { method, headers, bucket, key } = request;
  const sorted = additional.toSorted();
  const signed = Object.keys(headers)
    .filter((name) => isAlwaysSigned(name) || sorted.includes(name))
    .toSorted()
    .map((name) => `${name}:${headers[name] ?? ''}\n`);
  const uri = bucket === '' ? '/' : `/${bucket}/${key}`;
  return [
    method,
    percentEncode(uri).replaceAll('%2F', '/'),
    canonicalQuery(request.query),
    signed.join(''),
    sorted.join(';'),
    headers['x-oss-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

/** @param dateTime in the basic format of ISO 8601, 20231216T162057Z */
export function stringToSignV4(dateTime: string, scope: Scope, canonicalRequest: string): string {
  const { day, region, product } = scope;
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  return `${algorithmV4}\n${dateTime}\n${day}/${region}/${product}/aliyun_v4_request\n${hash}`;
}

export function signV4(secret: string, { day, region, product }: Scope, stringToSign: string): string {
  const key = [day, region, product, 'aliyun_v4_request'].reduce<string | Buffer>(
    (previous, step) => createHmac('sha256', previous).update(step).digest(),
    `aliyun_v4${secret}`,
  );
  return createHmac('sha256', key).update(stringToSign).digest('hex');
}

function isAlwaysSigned(header: string): boolean {
  return header === 'content-type' || header === 'content-md5' || header.startsWith('x-oss-');
}

// Sorts the encoded parameters, not the decoded ones. A parameter without a value has no equals sign.
function canonicalQuery(query: ReadonlyMap<string, string>): string {
  return [...query]
    .filter(([name]) => name !== 'x-oss-signature')
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
}
