import { StorageError } from '@longshore/storage';
import { kindOfUnknown, type Meaning, meaningsOnTheWay, retryAfterSeconds } from '@longshore/storage-remote';

const credentials = 'accesskey, secretkey, sessiontoken';
const endpoint = 'regionendpoint, secure';

const meanings: Readonly<Record<string, Meaning>> = {
  NoSuchKey: ['absent'],
  NoSuchUpload: ['absent'],
  NoSuchVersion: ['absent'],
  NotFound: ['absent'],
  NoSuchBucket: ['denied', 'bucket'],
  InvalidBucketName: ['denied', 'bucket'],
  AccessDenied: ['denied'],
  AllAccessDisabled: ['denied'],
  AccountProblem: ['denied'],
  InvalidAccessKeyId: ['denied', 'accesskey'],
  XAdminNoSuchUser: ['denied', 'accesskey'],
  SignatureDoesNotMatch: ['denied', 'secretkey'],
  ExpiredToken: ['denied', credentials],
  ExpiredTokenException: ['denied', credentials],
  InvalidToken: ['denied', credentials],
  InvalidTokenId: ['denied', credentials],
  TokenRefreshRequired: ['denied', credentials],
  CredentialsProviderError: ['denied', credentials],
  RequestTimeTooSkewed: ['denied', 'the clock of this machine'],
  RequestExpired: ['denied', 'the clock of this machine'],
  AuthorizationHeaderMalformed: ['denied', 'region'],
  IllegalLocationConstraintException: ['denied', 'region'],
  PermanentRedirect: ['denied', 'region, regionendpoint'],
  Redirect: ['denied', 'region, regionendpoint'],
  InvalidRange: ['invalid-range'],
  KeyTooLongError: ['invalid-path', 'rootdirectory'],
  QuotaExceeded: ['full'],
  ServiceQuotaExceeded: ['full'],
  XMinioStorageFull: ['full'],
  XMinioAdminBucketQuotaExceeded: ['full'],
  SlowDown: ['throttled'],
  SlowDownRead: ['throttled'],
  SlowDownWrite: ['throttled'],
  ServiceUnavailable: ['throttled'],
  Throttling: ['throttled'],
  ThrottlingException: ['throttled'],
  TooManyRequests: ['throttled'],
  TooManyRequestsException: ['throttled'],
  RequestLimitExceeded: ['throttled'],
  BandwidthLimitExceeded: ['throttled'],
  InternalError: ['unavailable'],
  OperationAborted: ['unavailable'],
  ConditionalRequestConflict: ['unavailable'],
  // versitygw stores objects as files. It answers this for any failure to place a file, for example when a deleter has just removed the directory.
  ExistingObjectIsDirectory: ['unavailable'],
  RequestTimeout: ['unavailable'],
  IncompleteBody: ['unavailable'],
  // The body arrived damaged and was not stored. Sending it again helps.
  BadDigest: ['unavailable'],
  XAmzContentSHA256Mismatch: ['unavailable'],
  XAmzContentChecksumMismatch: ['unavailable'],
  InvalidPart: ['corrupt'],
  InvalidPartOrder: ['corrupt'],
  ...meaningsOnTheWay({ endpoint, trust: 'cabundle, skipverify' }),
};

/** Translates the SDK's error into a StorageError, with the store's code and message and the parameter that may be wrong. */
export function classifyS3(error: unknown, key: string | undefined): StorageError {
  const { code, message, status, retryAfter } = factsOf(error);
  const [kind, lookAt] = meanings[code] ?? [kindOfUnknown(status)];
  const said = [code, message].filter((text) => text !== '' && text !== 'UnknownError').join(': ');
  const told = said === '' ? `status ${status}` : said;
  const reason = lookAt === undefined ? told : `${told} (see storage.s3: ${lookAt})`;
  return new StorageError(kind, { driver: 's3', key, reason, retryAfterSeconds: retryAfter, cause: error });
}

/** Returns the status of the answer behind the SDK's error, or undefined if there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = property(property(error, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error))
    return { code: '', message: String(error), status: undefined, retryAfter: undefined };
  const headers = property(property(error, '$response'), 'headers');
  const retryAfter = property(headers, 'retry-after');
  const systemCode = property(error, 'code');
  const code = typeof systemCode === 'string' ? systemCode : error.name;
  return {
    code: code === 'Error' || code === 'UnknownError' ? '' : code,
    message: (error.message || messageWithin(error)).slice(0, 300),
    status: statusOf(error),
    retryAfter: retryAfterSeconds(typeof retryAfter === 'string' ? retryAfter : undefined),
  };
}

/** Returns the messages inside an error. Node tries several addresses and combines their failures in an AggregateError without a message. */
function messageWithin(error: Error): string {
  return error instanceof AggregateError ? error.errors.map((one) => String(one)).join('; ') : '';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
