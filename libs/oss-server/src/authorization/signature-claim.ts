import { OssError } from '../wire/oss-error.ts';
import type { OssRequest } from '../wire/oss-request.ts';
import { algorithmV4, type Scope } from './v4-signature.ts';

interface Claim {
  readonly accessKeyId: string;
  readonly securityToken: string | undefined;
  readonly signature: string;
  /** The period in milliseconds since 1970, with a tolerance where the client's clock may differ. */
  readonly validity: { readonly from: number; readonly until: number; readonly isUrl: boolean };
  /** The date in the signed text. */
  readonly date: string;
}

/** The unverified signature of a request. */
export type SignatureClaim =
  | (Claim & { readonly version: 1 })
  | (Claim & { readonly version: 4; readonly scope: Scope; readonly additionalHeaders: readonly string[] });

export const maximumSkew = 15 * 60 * 1000;

/** @throws OssError AccessDenied for an unsigned request; InvalidArgument for a signature that cannot be parsed */
export function signatureClaim(request: OssRequest): SignatureClaim {
  const { headers, query } = request;
  const authorization = headers['authorization'];
  if (authorization?.startsWith(`${algorithmV4} `) === true) return v4Header(request, authorization);
  if (authorization?.startsWith('OSS ') === true) return v1Header(request, authorization);
  if (authorization !== undefined) throw invalid('Authorization', authorization);
  if (query.get('x-oss-signature-version') === algorithmV4) return v4Url(query);
  if (query.has('Signature')) return v1Url(query);
  throw new OssError('AccessDenied', {}, 'You have no right to access this object because of bucket acl.');
}

function v1Header({ headers }: OssRequest, authorization: string): SignatureClaim {
  const [accessKeyId, signature, ...rest] = authorization.slice('OSS '.length).split(':');
  if (!accessKeyId || !signature || rest.length > 0) throw invalid('Authorization', authorization);
  const date = headers['x-oss-date'] ?? headers['date'] ?? '';
  const securityToken = headers['x-oss-security-token'];
  return { version: 1, accessKeyId, signature, securityToken, date, validity: around(Date.parse(date)) };
}

function v1Url(query: ReadonlyMap<string, string>): SignatureClaim {
  const date = query.get('Expires') ?? '';
  if (!/^\d+$/.test(date)) throw invalid('Expires', date);
  return {
    version: 1,
    accessKeyId: query.get('OSSAccessKeyId') ?? '',
    signature: query.get('Signature') ?? '',
    securityToken: query.get('security-token'),
    date,
    validity: { from: 0, until: Number(date) * 1000, isUrl: true },
  };
}

function v4Header({ headers }: OssRequest, authorization: string): SignatureClaim {
  const fields = new Map(
    authorization
      .slice(algorithmV4.length)
      .split(',')
      .map((field) => field.trim().split('='))
      .map(([name = '', ...value]) => [name, value.join('=')]),
  );
  const date = headers['x-oss-date'] ?? '';
  if (headers['x-oss-content-sha256'] !== 'UNSIGNED-PAYLOAD')
    throw invalid('x-oss-content-sha256', headers['x-oss-content-sha256'] ?? '');
  return {
    ...v4Fields(fields.get('Credential') ?? '', date, fields.get('AdditionalHeaders')),
    signature: fields.get('Signature') ?? '',
    securityToken: headers['x-oss-security-token'],
    validity: around(instantOf(date)),
  };
}

function v4Url(query: ReadonlyMap<string, string>): SignatureClaim {
  const date = query.get('x-oss-date') ?? '';
  const signedAt = instantOf(date);
  const seconds = Number(query.get('x-oss-expires'));
  // The documented bounds: one second to seven days.
  if (!(seconds >= 1 && seconds <= 604_800)) throw invalid('x-oss-expires', String(seconds));
  return {
    ...v4Fields(query.get('x-oss-credential') ?? '', date, query.get('x-oss-additional-headers')),
    signature: query.get('x-oss-signature') ?? '',
    securityToken: query.get('x-oss-security-token'),
    validity: { from: signedAt - maximumSkew, until: signedAt + seconds * 1000, isUrl: true },
  };
}

function v4Fields(credential: string, date: string, additional = '') {
  const [accessKeyId, day, region, product, terminator, ...rest] = credential.split('/');
  if (!accessKeyId || !day || !region || !product || terminator !== 'aliyun_v4_request' || rest.length > 0)
    throw invalid('Credential', credential);
  if (!date.startsWith(day)) throw invalid('x-oss-date', date);
  const additionalHeaders = additional.split(';').filter((name) => name !== '');
  return { version: 4, accessKeyId, scope: { day, region, product }, date, additionalHeaders } as const;
}

function instantOf(basic: string): number {
  const fields = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(basic);
  if (fields === null) throw invalid('x-oss-date', basic);
  const [, year, month, day, hour, minute, second] = fields;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function around(instant: number) {
  if (Number.isNaN(instant))
    throw new OssError('AccessDenied', {}, 'OSS authentication requires a valid Date.');
  return { from: instant - maximumSkew, until: instant + maximumSkew, isUrl: false };
}

function invalid(name: string, value: string): OssError {
  return new OssError('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, `${name} is invalid.`);
}
