/**
 * The one table of errors. The codes are those of the distribution specification. The last ones are not in it, but Docker's registry answers with
 * them and its clients know them. An error may carry another status if HTTP has a more specific one (413, 414).
 */
export const ociErrors = {
  BLOB_UNKNOWN: { status: 404, message: 'blob unknown to registry' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: 'blob upload unknown to registry' },
  DIGEST_INVALID: { status: 400, message: 'provided digest did not match uploaded content' },
  MANIFEST_BLOB_UNKNOWN: {
    status: 400,
    message: 'manifest references a manifest or blob unknown to registry',
  },
  MANIFEST_INVALID: { status: 400, message: 'manifest invalid' },
  MANIFEST_UNKNOWN: { status: 404, message: 'manifest unknown to registry' },
  NAME_INVALID: { status: 400, message: 'invalid repository name' },
  NAME_UNKNOWN: { status: 404, message: 'repository name not known to registry' },
  SIZE_INVALID: { status: 400, message: 'provided length did not match content length' },
  UNAUTHORIZED: { status: 401, message: 'authentication required' },
  DENIED: { status: 403, message: 'requested access to the resource is denied' },
  UNSUPPORTED: { status: 405, message: 'the operation is unsupported' },
  TOOMANYREQUESTS: { status: 429, message: 'too many requests' },
  // Outside the specification.
  TAG_INVALID: { status: 400, message: 'invalid tag' },
  RANGE_INVALID: { status: 416, message: 'invalid content range' },
  PAGINATION_NUMBER_INVALID: { status: 400, message: 'invalid number of results requested' },
  PRECONDITION_FAILED: { status: 412, message: 'the condition of the request does not hold' },
  NOT_FOUND: { status: 404, message: 'no such route' },
  UNKNOWN: { status: 500, message: 'unknown error' },
  UNAVAILABLE: { status: 503, message: 'service unavailable' },
} as const satisfies Record<string, { status: number; message: string }>;

export type OciErrorCode = keyof typeof ociErrors;

export interface OciErrorEntry {
  readonly code: OciErrorCode;
  readonly message: string;
  readonly detail?: unknown;
}

/** Names the part that is down when a request is answered 503, and the reason: for the operator's log, never for the client. */
export interface Outage {
  readonly what: 'the store' | 'the database' | 'the bus' | 'a service behind the bus' | 'blob-service';
  readonly why: string;
}

export interface OciErrorOptions extends ErrorOptions {
  readonly outage?: Outage | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/** An OciError as it crosses the bus. */
export interface WireOciError {
  readonly entries: readonly OciErrorEntry[];
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly outage?: Outage | undefined;
}

/** An error that the client may read. Any other thrown error is a fault of ours. */
export class OciError extends Error {
  override readonly name: string = 'OciError';
  readonly code: OciErrorCode;
  readonly entries: readonly OciErrorEntry[];
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly outage: Outage | undefined;

  constructor(code: OciErrorCode, detail?: unknown, options: OciErrorOptions = {}) {
    super(ociErrors[code].message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.entries = [entry(code, detail)];
    this.headers = options.headers ?? {};
    this.status = options.status ?? ociErrors[code].status;
    this.outage = options.outage;
  }

  /** Makes one error with an entry per detail, as for a push with several missing blobs. */
  static listing(code: OciErrorCode, details: readonly unknown[], options: OciErrorOptions = {}): OciError {
    const error = new OciError(code, undefined, options);
    return details.length === 0 ? error : error.#with(details.map((detail) => entry(code, detail)));
  }

  static from({ entries, headers, status, outage }: WireOciError): OciError {
    return new OciError(entries[0]?.code ?? 'UNKNOWN', undefined, { headers, status, outage }).#with(entries);
  }

  toWire(): WireOciError {
    const { entries, headers, status, outage } = this;
    return { entries, headers, status, ...(outage === undefined ? {} : { outage }) };
  }

  /** The error document (distribution-spec, "Error Codes"). */
  body(): string {
    return JSON.stringify({ errors: this.entries });
  }

  #with(entries: readonly OciErrorEntry[]): OciError {
    return Object.defineProperty(this, 'entries', { value: entries, enumerable: true });
  }
}

/**
 * Says that the registry cannot do this now, and when the client may ask again: clients of distribution honour `Retry-After`.
 * @param retryAfter seconds
 */
export function unavailable(
  detail: unknown,
  retryAfter: number,
  options: Pick<OciErrorOptions, 'cause' | 'outage'> = {},
): OciError {
  return new OciError('UNAVAILABLE', detail, { ...options, headers: { 'retry-after': String(retryAfter) } });
}

function entry(code: OciErrorCode, detail: unknown): OciErrorEntry {
  const { message } = ociErrors[code];
  return detail === undefined ? { code, message } : { code, message, detail };
}
