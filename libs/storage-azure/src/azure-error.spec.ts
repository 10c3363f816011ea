import { describe, expect, it } from 'vitest';
import { classifyAzureError, isConflict } from './azure-error.ts';

interface Answer {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Record<string, string>;
  readonly name?: string;
}

/** Makes an error like the SDK's (RestError of @azure/core-rest-pipeline). */
function failure({ statusCode, code, message = 'said so', headers = {}, name = 'RestError' }: Answer): Error {
  const response = { headers: new Headers(headers) };
  return Object.assign(new Error(message), { name, statusCode, code, response });
}

describe('classifyAzureError', () => {
  it.each([
    [404, 'BlobNotFound', 'absent', ''],
    [404, 'ContainerNotFound', 'denied', 'see storage.azure: container'],
    [404, undefined, 'absent', ''],
    [
      403,
      'AuthenticationFailed',
      'denied',
      'see storage.azure: accountname, accountkey, sastoken and the clock',
    ],
    [
      403,
      'AuthorizationPermissionMismatch',
      'denied',
      'see storage.azure: accountkey, sastoken or credentials',
    ],
    [
      403,
      'KeyBasedAuthenticationNotPermitted',
      'denied',
      'see storage.azure: accountkey, sastoken or credentials',
    ],
    [400, 'InvalidAuthenticationInfo', 'denied', 'see storage.azure: accountname'],
    [401, 'NoAuthenticationInformation', 'denied', ''],
    [409, 'BlobImmutableDueToPolicy', 'denied', ''],
    [429, 'TooManyRequests', 'throttled', ''],
    [503, 'ServerBusy', 'throttled', ''],
    [500, 'OperationTimedOut', 'unavailable', ''],
    [500, 'InternalError', 'unavailable', ''],
    [400, 'Md5Mismatch', 'unavailable', ''],
    [412, 'ConditionNotMet', 'corrupt', ''],
    [416, 'InvalidRange', 'invalid-range', ''],
    [400, 'InvalidUri', 'invalid-path', ''],
    [413, 'RequestBodyTooLarge', 'full', ''],
    [507, undefined, 'full', ''],
    [undefined, 'ECONNREFUSED', 'unavailable', 'see storage.azure: accountname, realm and serviceurl'],
    [undefined, 'ENOTFOUND', 'unavailable', 'see storage.azure: accountname, realm and serviceurl'],
    [undefined, 'ECONNRESET', 'unavailable', ''],
    [undefined, 'ETIMEDOUT', 'unavailable', ''],
    [undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'denied', 'see storage.azure: cabundle'],
    [undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'denied', 'see storage.azure: cabundle'],
  ])('classifies %s %s as %s', (statusCode, code, kind, advice) => {
    const answer = {
      ...(statusCode === undefined ? {} : { statusCode }),
      ...(code === undefined ? {} : { code }),
    };
    const error = classifyAzureError(failure(answer), 'a/key');
    expect(error).toMatchObject({ kind, key: 'a/key', driver: 'azure' });
    expect(error.message).toContain([code, 'said so'].filter((text) => text !== undefined).join(': '));
    expect(error.message).toContain(advice);
  });

  it('reads the code of an answer to HEAD, which has no body, in its header', () => {
    const headers = { 'x-ms-error-code': 'ContainerNotFound' };
    expect(classifyAzureError(failure({ statusCode: 404, headers }), 'k').kind).toBe('denied');
  });

  it('waits as long as the store asks for', () => {
    const headers = { 'retry-after': '7' };
    const error = classifyAzureError(failure({ statusCode: 503, code: 'ServerBusy', headers }), 'k');
    expect(error.retryAfterSeconds).toBe(7);
  });

  it.each(['AuthenticationError', 'CredentialUnavailableError', 'AggregateAuthenticationError'])(
    "classifies the identity's %s as denied",
    (name) => {
      const error = classifyAzureError(
        failure({ name, message: 'AADSTS7000215: Invalid client secret' }),
        'k',
      );
      expect(error.kind).toBe('denied');
      expect(error.message).toContain(
        'AADSTS7000215: Invalid client secret (see storage.azure: credentials)',
      );
    },
  );

  it('contains neither the signed text nor a signature', () => {
    const message =
      "Server failed. The MAC signature found in the HTTP request 'c2VjcmV0' is not the same\nRequestId:1\nhttps://a/b?sig=c2VjcmV0";
    expect(
      classifyAzureError(failure({ statusCode: 403, code: 'AuthenticationFailed', message }), 'k').message,
    ).toBe(
      'azure: denied (k): AuthenticationFailed: Server failed. (see storage.azure: accountname, accountkey, sastoken and the clock)',
    );
    const url = 'getaddrinfo https://a/b?sv=1&sig=c2VjcmV0&x=1';
    expect(classifyAzureError(failure({ message: url }), 'k').message).not.toContain('c2VjcmV0');
  });

  it('distinguishes a conflict from other failures', () => {
    const seen = ['ConditionNotMet', 'BlobAlreadyExists', 'InvalidBlockList', 'BlobNotFound'].map((code) =>
      isConflict(classifyAzureError(failure({ code }), 'k')),
    );
    expect(seen).toEqual([true, true, true, false]);
  });
});
