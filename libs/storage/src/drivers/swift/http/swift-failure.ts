import { StorageError, type StorageErrorKind } from '../../../storage-error.ts';
import { kindOfUnknown, retryAfterSeconds } from '../../remote/status-kind.ts';
import { type HttpAnswer, textOf } from './http-call.ts';

/** An answer that refuses, or fails. Its message is for operators: what the server says, and never a token. */
export class SwiftFailure extends Error {
  override readonly name = 'SwiftFailure';
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfter;
  }
}

/** Reads what a refusal says. */
export async function failureOf(about: string, answer: HttpAnswer): Promise<SwiftFailure> {
  // An answer that breaks off has said its status all the same.
  const text = await textOf(answer).catch(() => '');
  const said = plain(text);
  const message = `${about} answered ${answer.status}${said === '' ? '' : `: ${said}`}`;
  return new SwiftFailure(answer.status, message, retryAfterSeconds(answer.header('retry-after')));
}

/** HTML and JSON are shortened to what they say. */
function plain(text: string): string {
  const said = /"message"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? text.replaceAll(/<[^>]*>/g, ' ');
  return said.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
}

const statuses: Readonly<Record<number, StorageErrorKind>> = {
  // Swift's own "Rate Limited" (its ratelimit middleware).
  498: 'throttled',
  // A segment of a large object is missing or has another ETag than its manifest says.
  409: 'corrupt',
  // The body that arrived has another MD5 than the ETag that was sent with it.
  422: 'corrupt',
  412: 'corrupt',
};

const certificates = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/;

/** Puts what Swift, Keystone or the network did into the words of StorageError. */
export function classify(error: unknown, key: string | undefined): StorageError {
  const about = { driver: 'swift', key, cause: error };
  if (error instanceof StorageError) return error;
  if (error instanceof SwiftFailure) {
    const kind = statuses[error.status] ?? kindOfUnknown(error.status);
    return new StorageError(kind, {
      ...about,
      reason: error.message,
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  const code = codeOf(error);
  if (certificates.test(code)) {
    const reason = `the certificate of the service is not trusted (${code}): cabundle names the CA that signed it`;
    return new StorageError('denied', { ...about, reason });
  }
  const reason = error instanceof Error ? error.message : undefined;
  return new StorageError('unavailable', { ...about, reason });
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
