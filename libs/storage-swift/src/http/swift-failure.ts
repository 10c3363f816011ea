import { type HttpAnswer, textOf } from './http-call.ts';
import { StorageError, type StorageErrorKind } from '@longshore/storage';
import { kindOfUnknown, type Meaning, meaningsOnTheWay, retryAfterSeconds } from '@longshore/storage-remote';

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

/** What a service said, and which parameters an operator should look at. */
export function advised(said: string, lookAt: string): string {
  return `${said} (see storage.swift: ${lookAt})`;
}

/** Reads what a refusal says. @param lookAt the parameters that may be to blame */
export async function failureOf(about: string, answer: HttpAnswer, lookAt?: string): Promise<SwiftFailure> {
  // An answer that breaks off has said its status all the same.
  const text = await textOf(answer).catch(() => '');
  const said = plain(text);
  const message = `${about} answered ${answer.status}${said === '' ? '' : `: ${said}`}`;
  const told = lookAt === undefined ? message : advised(message, lookAt);
  return new SwiftFailure(answer.status, told, retryAfterSeconds(answer.header('retry-after')));
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

const trust = 'cabundle, insecureskipverify';
const meanings = meaningsOnTheWay({ endpoint: 'authurl, region, endpointtype', trust });
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
  const [kind, lookAt] = meaningOf(code);
  // Where a name has several addresses, Node's message is empty and only the code tells.
  const said = error instanceof Error && error.message !== '' ? error.message : code;
  return new StorageError(kind, { ...about, reason: lookAt === undefined ? said : advised(said, lookAt) });
}

function meaningOf(code: string): Meaning {
  return meanings[code] ?? (certificates.test(code) ? ['denied', trust] : ['unavailable']);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
