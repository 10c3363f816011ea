import { StorageError } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { classifyOssFailure } from './classify-oss-failure.ts';
import { OssFailure } from './oss-failure.ts';

describe('classifyOssFailure', () => {
  it.each([
    ['NoSuchKey', 404, 'absent', undefined],
    ['NoSuchUpload', 404, 'absent', undefined],
    ['NoSuchBucket', 404, 'denied', 'bucket, region, endpoint'],
    ['AccessDenied', 403, 'denied', 'accesskeyid'],
    ['InvalidAccessKeyId', 403, 'denied', 'accesskeyid'],
    ['SignatureDoesNotMatch', 403, 'denied', 'accesskeysecret'],
    ['SecurityTokenExpired', 403, 'denied', 'securitytoken'],
    ['InvalidSecurityToken', 403, 'denied', 'securitytoken'],
    ['RequestTimeTooSkewed', 403, 'denied', 'the clock of this machine'],
    ['SecondLevelDomainForbidden', 403, 'denied', 'forcepathstyle'],
    ['SomethingNew', 403, 'denied', undefined],
    ['SomethingNew', 400, 'denied', undefined],
    ['SomethingNew', 500, 'unavailable', undefined],
    ['SlowDown', 503, 'throttled', undefined],
    ['SomethingNew', 429, 'throttled', undefined],
    ['InternalError', 500, 'unavailable', undefined],
    ['InvalidDigest', 400, 'unavailable', undefined],
    ['InvalidPart', 400, 'corrupt', undefined],
    ['PreconditionFailed', 412, 'corrupt', undefined],
    ['InvalidRange', 416, 'invalid-range', undefined],
    ['InvalidObjectName', 400, 'invalid-path', 'rootdirectory'],
    ['ECONNREFUSED', undefined, 'unavailable', 'endpoint'],
    ['ECONNRESET', undefined, 'unavailable', undefined],
    ['ETIMEDOUT', undefined, 'unavailable', undefined],
    ['ENOTFOUND', undefined, 'unavailable', 'endpoint'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'denied', 'cabundle'],
    [undefined, 302, 'denied', 'endpoint'],
    [undefined, 200, 'unavailable', 'endpoint'],
    [undefined, undefined, 'unavailable', undefined],
  ])('classifies %s with status %s as %s, and names %s', (code, status, kind, parameter) => {
    const failure = new OssFailure('as OSS says', { code, status });
    const { kind: found, message } = classifyOssFailure(failure, 'a/b');
    expect(found).toBe(kind);
    expect(message).toContain(code === undefined ? 'as OSS says' : `${code}: as OSS says`);
    const hint = parameter === undefined ? /^((?!see storage\.oss).)*$/ : `(see storage.oss: ${parameter}`;
    expect(message).toMatch(hint);
  });

  it('passes on the time that the store asks to wait, and the request id for its support', () => {
    const details = { code: 'SlowDown', status: 503, requestId: '5C3D', headers: { 'retry-after': '7' } };
    expect(classifyOssFailure(new OssFailure('slower', details), undefined)).toMatchObject({
      retryAfterSeconds: 7,
      message: 'oss: throttled: SlowDown: slower, request 5C3D',
    });
  });

  it('treats a missing answer as an outage', () => {
    expect(classifyOssFailure(new TypeError('odd'), 'k')).toBeInstanceOf(StorageError);
    expect(classifyOssFailure('odd', 'k')).toMatchObject({ kind: 'unavailable', key: 'k' });
  });
});
