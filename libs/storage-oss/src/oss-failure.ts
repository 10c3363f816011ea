import type { IncomingHttpHeaders } from 'node:http';

export interface OssFailureDetails {
  /** Status of the answer; undefined if there was none. */
  readonly status?: number | undefined;
  /** OSS's own code, or the system's if there was no answer. */
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly headers?: IncomingHttpHeaders | undefined;
}

/** A failed call. It contains nothing of the request: no bytes, no headers, no signature. */
export class OssFailure extends Error {
  override readonly name = 'OssFailure';
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: string | undefined;

  constructor(message: string, { status, code, requestId, headers }: OssFailureDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryAfter = headers?.['retry-after'];
  }
}
