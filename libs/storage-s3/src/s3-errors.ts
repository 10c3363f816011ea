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
  // versitygw keeps objects as files, and calls any failure to put a file into its directory so, as when a deleter has just removed that.
  ExistingObjectIsDirectory: ['unavailable'],
  RequestTimeout: ['unavailable'],
  IncompleteBody: ['unavailable'],
  // What was sent is not what arrived: sending it again helps, and nothing is stored.
  BadDigest: ['unavailable'],
  XAmzContentSHA256Mismatch: ['unavailable'],
  XAmzContentChecksumMismatch: ['unavailable'],
  InvalidPart: ['corrupt'],
  InvalidPartOrder: ['corrupt'],
  ...meaningsOnTheWay({ endpoint, trust: 'cabundle, skipverify' }),
};

/** Puts what the SDK throws into the words of StorageError: the store's own code and message, and which parameter may be wrong. */
export function classifyS3(error: unknown, key: string | undefined): StorageError {
  const { code, message, status, retryAfter } = factsOf(error);
  const [kind, lookAt] = meanings[code] ?? [kindOfUnknown(status)];
  const said = [code, message].filter((text) => text !== '' && text !== 'UnknownError').join(': ');
  const told = said === '' ? `status ${status}` : said;
  const reason = lookAt === undefined ? told : `${told} (see storage.s3: ${lookAt})`;
  return new StorageError(kind, { driver: 's3', key, reason, retryAfterSeconds: retryAfter, cause: error });
}

/** Of the answer that the SDK made an error of; undefined when there was none. */
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

/** Node tries several addresses and puts what each of them said into one error without words. */
function messageWithin(error: Error): string {
  return error instanceof AggregateError ? error.errors.map((one) => String(one)).join('; ') : '';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
