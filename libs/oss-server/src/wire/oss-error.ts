import { document, element } from './xml.ts';

/** Status, message and, if documented, the detailed error code (EC). */
const errors = {
  AccessDenied: { status: 403, message: 'AccessDenied', ec: '0003-00000001' },
  BucketAlreadyExists: { status: 409, message: 'The requested bucket name is not available.', ec: '' },
  EntityTooLarge: { status: 400, message: 'Your proposed upload exceeds the maximum allowed size.', ec: '' },
  EntityTooSmall: {
    status: 400,
    message: 'Your proposed upload is smaller than the minimum allowed size.',
    ec: '0042-00000105',
  },
  FileAlreadyExists: {
    status: 409,
    message: 'The object you specified already exists and can not be overwritten.',
    ec: '0026-00000020',
  },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.', ec: '' },
  InvalidAccessKeyId: {
    status: 403,
    message: 'The OSS Access Key Id you provided does not exist in our records.',
    ec: '0002-00000902',
  },
  InvalidArgument: { status: 400, message: 'Invalid Argument.', ec: '' },
  InvalidBucketName: { status: 400, message: 'The specified bucket is not valid.', ec: '' },
  InvalidDigest: { status: 400, message: 'The Content-MD5 you specified was invalid.', ec: '' },
  InvalidEncryptionAlgorithmError: {
    status: 400,
    message: 'The encryption request you specified is not valid.',
    ec: '',
  },
  InvalidObjectName: { status: 400, message: 'The specified object is not valid.', ec: '' },
  InvalidPart: {
    status: 400,
    message:
      "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.",
    ec: '0042-00000312',
  },
  InvalidPartOrder: {
    status: 400,
    message:
      'The list of parts was not in ascending order. Parts list must specified in order by part number.',
    ec: '0042-00000307',
  },
  InvalidRange: { status: 416, message: 'The requested range cannot be satisfied.', ec: '' },
  InvalidSecurityToken: {
    status: 403,
    message: 'The security token you provided is invalid.',
    ec: '0002-00000006',
  },
  MalformedXML: {
    status: 400,
    message: 'The XML you provided was not well-formed or did not validate against our published schema.',
    ec: '',
  },
  MissingArgument: { status: 400, message: 'Missing Some Required Arguments.', ec: '0016-00000606' },
  MissingContentLength: { status: 411, message: 'You must provide the Content-Length HTTP header.', ec: '' },
  NoSuchBucket: { status: 404, message: 'The specified bucket does not exist.', ec: '0015-00000101' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.', ec: '0026-00000001' },
  NoSuchUpload: {
    status: 404,
    message:
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    ec: '0042-00000002',
  },
  NotImplemented: {
    status: 501,
    message: 'A header you provided implies functionality that is not implemented.',
    ec: '',
  },
  PreconditionFailed: {
    status: 412,
    message: 'At least one of the pre-conditions you specified did not hold.',
    ec: '',
  },
  RequestTimeTooSkewed: {
    status: 403,
    message: 'The difference between the request time and the current time is too large.',
    ec: '0002-00000504',
  },
  SecurityTokenExpired: {
    status: 403,
    message: 'The security token you provided has expired.',
    ec: '0002-00000007',
  },
  ServiceUnavailable: { status: 503, message: 'The service is unavailable. Please try again later.', ec: '' },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ec: '0002-00000040',
  },
  SlowDown: { status: 503, message: 'Please reduce your request rate.', ec: '' },
} as const satisfies Record<string, { status: number; message: string; ec: string }>;

export type OssErrorCode = keyof typeof errors;

/** An error with the code and message of the service. */
export class OssError extends Error {
  readonly code: OssErrorCode;
  readonly status: number;
  readonly ec: string;
  /** Additional elements of the document for some codes, by name. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: OssErrorCode, details: Readonly<Record<string, string>> = {}, message?: string) {
    super(message ?? errors[code].message);
    this.name = 'OssError';
    this.code = code;
    this.status = errors[code].status;
    this.ec = errors[code].ec;
    this.details = details;
  }

  toXml(requestId: string, hostId: string): string {
    const { code, message, details, ec } = this;
    return document('Error', [
      element('Code', code),
      element('Message', message),
      element('RequestId', requestId),
      element('HostId', hostId),
      ...Object.entries(details).map(([name, value]) => element(name, value)),
      ...(ec === '' ? [] : [element('EC', ec)]),
    ]);
  }
}
