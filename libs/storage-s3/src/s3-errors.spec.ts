import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { classifyS3 } from './s3-errors.ts';

function answer(name: string, httpStatusCode: number, headers: Record<string, string> = {}): unknown {
  const error = new S3ServiceException({
    name,
    message: 'as the store says',
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode },
  });
  return Object.assign(error, { $response: { headers } });
}

describe('classifyS3', () => {
  it.each([
    ['NoSuchKey', 404, 'absent'],
    ['NoSuchUpload', 404, 'absent'],
    ['NotFound', 404, 'absent'],
    ['NoSuchBucket', 404, 'denied', 'bucket'],
    ['AccessDenied', 403, 'denied'],
    ['InvalidAccessKeyId', 403, 'denied', 'accesskey'],
    ['SignatureDoesNotMatch', 403, 'denied', 'secretkey'],
    ['ExpiredToken', 400, 'denied', 'sessiontoken'],
    ['RequestTimeTooSkewed', 403, 'denied', 'clock'],
    ['AuthorizationHeaderMalformed', 400, 'denied', 'region'],
    ['PermanentRedirect', 301, 'denied', 'region'],
    ['InvalidRange', 416, 'invalid-range'],
    ['SlowDown', 503, 'throttled'],
    ['SomethingNew', 429, 'throttled'],
    ['InternalError', 500, 'unavailable'],
    ['InternalError', 200, 'unavailable'],
    ['RequestTimeout', 400, 'unavailable'],
    ['BadDigest', 400, 'unavailable'],
    ['ExistingObjectIsDirectory', 409, 'unavailable'],
    ['XMinioStorageFull', 507, 'full'],
    ['QuotaExceeded', 403, 'full'],
    ['InvalidPart', 400, 'corrupt'],
    ['InvalidStorageClass', 400, 'denied'],
    ['NotImplemented', 501, 'denied'],
    ['UnknownError', 403, 'denied'],
    ['UnknownError', 502, 'unavailable'],
  ] as const)('classifies %s with status %i as %s', (name, status, kind, lookAt?: string) => {
    const error = classifyS3(answer(name, status), 'a/key');
    expect(error).toMatchObject({ kind, driver: 's3', key: 'a/key' });
    expect(error.message).toContain('as the store says');
    expect(/\(see storage\.s3: (.*)\)/.exec(error.message)?.[1] ?? '').toContain(lookAt ?? '');
  });

  it.each([
    ['ECONNREFUSED', 'unavailable', 'regionendpoint'],
    ['ENOTFOUND', 'unavailable', 'regionendpoint'],
    ['ECONNRESET', 'unavailable', ''],
    ['EPROTO', 'denied', 'secure'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'denied', 'cabundle'],
    ['CERT_HAS_EXPIRED', 'denied', 'cabundle'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'denied', 'cabundle'],
  ])('classifies the network’s %s as %s', (code, kind, lookAt) => {
    const error = classifyS3(Object.assign(new Error('as Node says'), { code }), undefined);
    expect(error).toMatchObject({ kind });
    expect(error.message).toContain(lookAt);
  });

  it('passes on the time that the store asks to wait', () => {
    expect(classifyS3(answer('SlowDown', 503, { 'retry-after': '7' }), undefined)).toMatchObject({
      retryAfterSeconds: 7,
    });
  });

  it('says where it looked for credentials', () => {
    const error = Object.assign(new Error('Could not load credentials'), {
      name: 'CredentialsProviderError',
    });
    expect(classifyS3(error, undefined)).toMatchObject({ kind: 'denied' });
    expect(classifyS3(error, undefined).message).toContain('accesskey');
  });
});
