import { STATUS_CODES } from 'node:http';
import { OciError } from '@longshore/oci';
import { refusalOf } from './error-reply.ts';
import { bytes, type Reply } from './reply.ts';

/** A problem document (RFC 9457), the errors of the management API. */
export interface Problem {
  /** A URI that stands for the kind of problem. It stays the same between versions; `title` and `detail` are for people. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** The URI of this occurrence: the request id. */
  readonly instance: string;
  /** What is wrong with the input, each with a JSON Pointer into the body or the name of a parameter. */
  readonly errors?: readonly ProblemCause[];
}

export interface ProblemCause {
  readonly detail: string;
  /** Points into the body (RFC 6901). Empty: the whole body. */
  readonly pointer?: string;
  /** A parameter of the path or the query. */
  readonly parameter?: string;
}

/** The kinds of problems, by status. */
export const problemKinds = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'timeout',
  409: 'conflict',
  413: 'too-large',
  414: 'path-too-long',
  415: 'unsupported-media-type',
  422: 'invalid',
  429: 'too-many-requests',
  500: 'fault',
  503: 'unavailable',
} as const satisfies Readonly<Record<number, string>>;

const kinds: Readonly<Record<number, string>> = problemKinds;
const prefix = 'urn:longshore:problem:';

/** Returns the type of the problems with a status. */
export const problemType = (status: number): string =>
  kinds[status] === undefined ? 'about:blank' : prefix + kinds[status];

/** Answers with a problem document. */
export function problemAnswer(
  status: number,
  { requestId, detail, errors }: Omit<ProblemFacts, 'headers'>,
): { readonly headers: Record<string, string>; readonly body: string } {
  const problem: Problem = {
    type: problemType(status),
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...(detail !== undefined && { detail }),
    instance: `urn:longshore:request:${requestId}`,
    ...(errors !== undefined && { errors }),
  };
  return {
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify(problem),
  };
}

interface ProblemFacts {
  readonly requestId: string;
  readonly detail?: string | undefined;
  readonly errors?: readonly ProblemCause[] | undefined;
}

/** Builds the problem document of any thrown error. A fault of ours shows its request id and no internals. */
export function problemReply(fault: unknown, requestId: string): Reply {
  const refusal = refusalOf(fault) ?? new OciError('UNKNOWN');
  const { headers, body } = problemAnswer(refusal.status, { requestId, detail: detailOf(refusal) });
  return bytes(refusal.status, Buffer.from(body), { ...refusal.headers, ...headers });
}

function detailOf({ entries: [entry] }: OciError): string | undefined {
  const { detail, message } = entry ?? {};
  const reason =
    typeof detail === 'object' && detail !== null && 'reason' in detail ? detail.reason : undefined;
  return typeof reason === 'string' ? reason : message;
}

/** Tells whether a path is one of the management API. */
export const isManagementPath = (url: string): boolean => /^\/api\/v1(?:[/?]|$)/.test(url);
