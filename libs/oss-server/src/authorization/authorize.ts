import { OssError } from '../wire/oss-error.ts';
import type { OssRequest } from '../wire/oss-request.ts';
import { type OssCredentials, secretOf } from './credentials.ts';
import { maximumSkew, type SignatureClaim, signatureClaim } from './signature-claim.ts';
import { signV1, stringToSignV1 } from './v1-signature.ts';
import { canonicalRequestV4, signV4, stringToSignV4 } from './v4-signature.ts';
import { ossTime } from '../wire/oss-time.ts';

export interface Authority {
  readonly credentials: readonly OssCredentials[];
  readonly region: string;
  readonly now: () => Date;
}

/**
 * Checks the signature of a request. @throws OssError for a request that is unsigned, expired, dated in the future, signed with an unknown key, or
 * signed wrongly
 */
export function authorize(request: OssRequest, authority: Authority): void {
  const claim = signatureClaim(request);
  const now = authority.now();
  refuseOutOfTime(claim, now);
  const { accessKeyId, securityToken } = claim;
  const secret = secretOf(authority.credentials, { accessKeyId, securityToken, now });
  if (claim.version === 4) refuseOtherScope(claim.scope, authority.region);
  const { signature, stringToSign, ...details } = signed(request, claim, secret);
  if (signature === claim.signature) return;
  throw new OssError('SignatureDoesNotMatch', {
    OSSAccessKeyId: accessKeyId,
    SignatureProvided: claim.signature,
    StringToSign: stringToSign,
    StringToSignBytes: Buffer.from(stringToSign).toString('hex').toUpperCase().replace(/../g, '$& '),
    ...details,
  });
}

function signed(request: OssRequest, claim: SignatureClaim, secret: string) {
  if (claim.version === 1) {
    const stringToSign = stringToSignV1(request, claim.date);
    return { signature: signV1(secret, stringToSign), stringToSign };
  }
  const canonicalRequest = canonicalRequestV4(request, claim.additionalHeaders);
  const stringToSign = stringToSignV4(claim.date, claim.scope, canonicalRequest);
  return {
    signature: signV4(secret, claim.scope, stringToSign),
    stringToSign,
    CanonicalRequest: canonicalRequest,
  };
}

function refuseOutOfTime({ validity }: SignatureClaim, now: Date): void {
  const { from, until, isUrl } = validity;
  const time = now.getTime();
  if (time > until && isUrl)
    throw new OssError(
      'AccessDenied',
      { Expires: ossTime(new Date(until)), ServerTime: ossTime(now) },
      'Request has expired.',
    );
  if (time >= from && time <= until) return;
  throw new OssError('RequestTimeTooSkewed', {
    MaxAllowedSkewMilliseconds: String(maximumSkew),
    RequestTime: ossTime(new Date(from + maximumSkew)),
    ServerTime: ossTime(now),
  });
}

function refuseOtherScope(
  scope: { readonly region: string; readonly product: string },
  region: string,
): void {
  const wrong =
    (scope.region !== region && (['region', scope.region] as const)) ||
    (scope.product !== 'oss' && (['product', scope.product] as const));
  if (wrong)
    throw new OssError(
      'InvalidArgument',
      { ArgumentName: 'Authorization', ArgumentValue: wrong[1] },
      `Invalid signing ${wrong[0]} in Authorization header.`,
    );
}
