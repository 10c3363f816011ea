import { OssFailure } from './oss-failure.ts';
import { StorageError } from '@longshore/storage';
import { kindOfUnknown, type Meaning, meaningsOnTheWay, retryAfterSeconds } from '@longshore/storage-remote';

const endpoint = 'endpoint, region, secure';
const trust = 'cabundle, skipverify';

const meanings: Readonly<Record<string, Meaning>> = {
  NoSuchKey: ['absent'],
  NoSuchUpload: ['absent'],
  NoSuchBucket: ['denied', 'bucket, region, endpoint'],
  InvalidBucketName: ['denied', 'bucket'],
  AccessDenied: ['denied', 'accesskeyid, region, endpoint'],
  UserDisable: ['denied', 'accesskeyid'],
  InvalidAccessKeyId: ['denied', 'accesskeyid, securitytoken'],
  SignatureDoesNotMatch: ['denied', 'accesskeysecret, region'],
  SecurityTokenExpired: ['denied', 'securitytoken'],
  InvalidSecurityToken: ['denied', 'securitytoken'],
  RequestTimeTooSkewed: ['denied', 'the clock of this machine'],
  SecondLevelDomainForbidden: ['denied', 'forcepathstyle'],
  InvalidArgument: ['denied', 'region, signatureversion, encryptionkeyid'],
  InvalidRange: ['invalid-range'],
  InvalidObjectName: ['invalid-path', 'rootdirectory'],
  SlowDown: ['throttled'],
  ServiceUnavailable: ['throttled'],
  InternalError: ['unavailable'],
  RequestTimeout: ['unavailable'],
  // The body arrived damaged and was not stored. Sending it again helps.
  InvalidDigest: ['unavailable'],
  IncompleteBody: ['unavailable'],
  InvalidPart: ['corrupt'],
  InvalidPartOrder: ['corrupt'],
  EntityTooSmall: ['corrupt'],
  PreconditionFailed: ['corrupt'],
  ...meaningsOnTheWay({ endpoint, trust }),
  ENOTFOUND: ['unavailable', `${endpoint}, bucket`],
  ERR_TLS_CERT_ALTNAME_INVALID: ['denied', `${trust}, endpoint`],
};

/** Translates the failure of a call into a StorageError, with the store's code and message and the parameter that may be wrong. */
export function classifyOssFailure(error: unknown, key: string | undefined): StorageError {
  if (!(error instanceof OssFailure)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new StorageError('unavailable', { driver: 'oss', key, reason, cause: error });
  }
  const { code, requestId, message, retryAfter } = error;
  const [kind, lookAt] = meaningOf(error);
  const said = [code, message].filter((text) => text !== undefined && text !== '').join(': ');
  const told = requestId === undefined ? said : `${said}, request ${requestId}`;
  return new StorageError(kind, {
    driver: 'oss',
    key,
    retryAfterSeconds: retryAfterSeconds(retryAfter),
    reason: lookAt === undefined ? told : `${told} (see storage.oss: ${lookAt})`,
    cause: error,
  });
}

function meaningOf({ code, status }: OssFailure): Meaning {
  const known = code === undefined ? undefined : meanings[code];
  if (known !== undefined) return known;
  const kind = kindOfUnknown(status);
  // A server that answers without a code is not OSS.
  return code === undefined && status !== undefined && status < 500 ? [kind, endpoint] : [kind];
}
