import { StorageError, type StorageErrorKind } from '../../storage-error.ts';
import { kindOfUnknown, retryAfterSeconds } from '../remote/status-kind.ts';
import { OssFailure } from './oss-failure.ts';

/** What a code means (of OSS, of Node), and which parameters to look at. */
type Meaning = readonly [kind: StorageErrorKind, lookAt?: string];

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
  // What was sent is not what arrived: sending it again helps, and nothing is stored.
  InvalidDigest: ['unavailable'],
  IncompleteBody: ['unavailable'],
  InvalidPart: ['corrupt'],
  InvalidPartOrder: ['corrupt'],
  EntityTooSmall: ['corrupt'],
  PreconditionFailed: ['corrupt'],
  ENOTFOUND: ['unavailable', `${endpoint}, bucket`],
  EAI_AGAIN: ['unavailable', endpoint],
  ECONNREFUSED: ['unavailable', endpoint],
  EPROTO: ['denied', endpoint],
  ERR_SSL_WRONG_VERSION_NUMBER: ['denied', endpoint],
  CERT_HAS_EXPIRED: ['denied', trust],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['denied', trust],
  SELF_SIGNED_CERT_IN_CHAIN: ['denied', trust],
  UNABLE_TO_GET_ISSUER_CERT: ['denied', trust],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['denied', trust],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['denied', trust],
  ERR_TLS_CERT_ALTNAME_INVALID: ['denied', `${trust}, endpoint`],
};

/** Puts what a call of OSS throws into the words of StorageError: the store's own code and message, and which parameter may be wrong. */
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
  // Who answers without a code is not OSS.
  return code === undefined && status !== undefined && status < 500 ? [kind, endpoint] : [kind];
}
