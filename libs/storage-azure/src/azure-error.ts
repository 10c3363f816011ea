import { StorageError, type StorageErrorKind } from '@longshore/storage';
import { kindOfStatus, meaningsOnTheWay, retryAfterSeconds } from '@longshore/storage-remote';

const driver = 'azure';

/** Codes of the Blob service (learn.microsoft.com, "Blob Storage error codes") that mean something else than their status does. */
const kindOfCode: Readonly<Record<string, StorageErrorKind>> = {
  // An object cannot be absent from a container that is.
  ContainerNotFound: 'denied',
  ContainerDisabled: 'denied',
  ContainerBeingDeleted: 'denied',
  ResourceNotFound: 'absent',
  BlobNotFound: 'absent',
  InvalidAuthenticationInfo: 'denied',
  AuthenticationFailed: 'denied',
  BlobArchived: 'denied',
  BlobImmutableDueToPolicy: 'denied',
  LeaseIdMissing: 'denied',
  ServerBusy: 'throttled',
  InvalidRange: 'invalid-range',
  InvalidResourceName: 'invalid-path',
  InvalidUri: 'invalid-path',
  OutOfRangeInput: 'invalid-path',
  // What is there is not what we wrote, or saw, before.
  ConditionNotMet: 'corrupt',
  BlobAlreadyExists: 'corrupt',
  InvalidBlockList: 'corrupt',
  InvalidBlobType: 'corrupt',
  InvalidBlobOrBlock: 'corrupt',
  RequestBodyTooLarge: 'full',
  BlockCountExceedsLimit: 'full',
  AccountLimitExceeded: 'full',
};

const conflicts = ['ConditionNotMet', 'BlobAlreadyExists', 'InvalidBlockList'];

/** Which parameter to look at; the first that fits what the store, or the way to it, said. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/^Container|^InvalidResourceName$/, 'container'],
  [/^AuthenticationFailed$|^InvalidAuthenticationInfo$/, 'accountname, accountkey, sastoken and the clock'],
  [
    /^Authorization|^InsufficientAccountPermissions$|^KeyBasedAuthentication/,
    'accountkey, sastoken or credentials, and what they may do',
  ],
  [/^AuthenticationError$|^CredentialUnavailableError$|^Aggregate/, 'credentials'],
];
const onTheWay = meaningsOnTheWay({
  endpoint: 'accountname, realm and serviceurl',
  trust: 'cabundle, skipverify',
});

/** Classes of @azure/identity. */
const identityErrors = [
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
];

/** Puts a failure of the SDK into the words of StorageError; the reason is the store's own code and message, without what was signed. */
export function classifyAzureError(error: unknown, key: string | undefined): StorageError {
  const { code, status, message, header } = factsOf(error);
  const lookAt = onTheWay[code]?.[1] ?? advice.find(([pattern]) => pattern.test(code))?.[1];
  const told = [code, message].filter((text) => text !== '').join(': ');
  return new StorageError(kindOf(code, status), {
    driver,
    key,
    retryAfterSeconds: retryAfterSeconds(header('retry-after')),
    reason: lookAt === undefined ? told : `${told} (see storage.azure: ${lookAt})`,
    cause: error,
  });
}

/** Whether a write's condition did not hold: somebody, perhaps we ourselves in an attempt whose answer was lost, wrote at the key. */
export function isConflict(error: unknown): error is StorageError {
  return error instanceof StorageError && conflicts.includes(factsOf(error.cause).code);
}

function kindOf(code: string, status: number | undefined): StorageErrorKind {
  if (identityErrors.includes(code)) return 'denied';
  return (
    kindOfCode[code] ?? onTheWay[code]?.[0] ?? (status === undefined ? 'unavailable' : kindOfStatus(status))
  );
}

interface Facts {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
  readonly header: (name: string) => string | undefined;
}

function factsOf(error: unknown): Facts {
  const name = textOf(error, 'name');
  const headers = property(property(error, 'response'), 'headers');
  const header = (wanted: string): string | undefined =>
    isHeaders(headers) ? headers.get(wanted) : undefined;
  const status = property(error, 'statusCode');
  const code = header('x-ms-error-code') ?? textOf(error, 'code');
  return {
    // HEAD has no body that would tell: its status is all there is.
    code: identityErrors.includes(name) ? name : code,
    status: typeof status === 'number' ? status : undefined,
    message: printable(textOf(error, 'message')),
    header,
  };
}

/** One line, without request ids, and without what was signed, which the service quotes. */
function printable(message: string): string {
  const [line = ''] = message.split('\n');
  return line
    .replace(/(?:The MAC signature found|Signature did not match|Server used following string).*$/i, '')
    .replaceAll(/\b(sig|se|sp|sv|skoid)=[^&\s'"]*/gi, '$1=…')
    .trim()
    .slice(0, 300);
}

function property(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
}

function textOf(from: unknown, name: string): string {
  const value = property(from, name);
  return typeof value === 'string' ? value : '';
}

function isHeaders(value: unknown): value is { get(name: string): string | undefined } {
  return typeof property(value, 'get') === 'function';
}
