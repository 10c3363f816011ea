import { StorageError, type StorageErrorKind } from '@longshore/storage';
import { kindOfStatus, meaningsOnTheWay, retryAfterSeconds } from '@longshore/storage-remote';

const driver = 'azure';

/** Codes of the Blob service (learn.microsoft.com, "Blob Storage error codes") whose meaning differs from that of their status. */
const kindOfCode: Readonly<Record<string, StorageErrorKind>> = {
  // Not 'absent', which is only for objects.
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
  // The blob is not the one that was written or seen before.
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

/** The parameter to check: of the first pattern that matches the message of the store or of the connection. */
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

/** Error classes of @azure/identity. */
const identityErrors = [
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
];

/** Translates a failure of the SDK into a StorageError. The reason is the store's own code and message, without the signed text. */
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

/** Whether the condition of a write did not hold: the blob was written meanwhile, possibly by an earlier attempt whose answer was lost. */
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
    // An answer to HEAD has no body, so only its status tells.
    code: identityErrors.includes(name) ? name : code,
    status: typeof status === 'number' ? status : undefined,
    message: printable(textOf(error, 'message')),
    header,
  };
}

/** Reduces the message to one line, without request ids and without the signed text that the service quotes. */
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
