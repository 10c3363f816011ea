import { type HttpAnswer, textOf } from './http-call.ts';
import { StorageError, type StorageErrorKind } from '@longshore/storage';
import { kindOfUnknown, type Meaning, meaningsOnTheWay, retryAfterSeconds } from '@longshore/storage-remote';

/** A refusal or failure of a server. The message is for operators: the server's text, never a token. */
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

/** Appends the parameters that an operator should check to a service's text. */
export function advised(said: string, lookAt: string): string {
  return `${said} (see storage.swift: ${lookAt})`;
}

/** Reads the text of a refusal. @param lookAt the parameters that may be wrong */
export async function failureOf(about: string, answer: HttpAnswer, lookAt?: string): Promise<SwiftFailure> {
  // If the body breaks off, the status is still known.
  const text = await textOf(answer).catch(() => '');
  const said = plain(text);
  const message = `${about} answered ${answer.status}${said === '' ? '' : `: ${said}`}`;
  const told = lookAt === undefined ? message : advised(message, lookAt);
  return new SwiftFailure(answer.status, told, retryAfterSeconds(answer.header('retry-after')));
}

/** Reduces HTML and JSON to their text. */
function plain(text: string): string {
  const said = /"message"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? text.replaceAll(/<[^>]*>/g, ' ');
  return said.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
}

const statuses: Readonly<Record<number, StorageErrorKind>> = {
  // Swift's own status "Rate Limited" (its ratelimit middleware).
  498: 'throttled',
  // A segment of a large object is missing, or its ETag differs from the manifest's.
  409: 'corrupt',
  // The MD5 of the received body differs from the ETag sent with it.
  422: 'corrupt',
  412: 'corrupt',
};

const trust = 'cabundle, insecureskipverify';
const meanings = meaningsOnTheWay({ endpoint: 'authurl, region, endpointtype', trust });
const certificates = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/;

/** Translates a failure of Swift, Keystone or the network into a StorageError. */
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
  // If a name has several addresses, Node's message is empty and only the code tells.
  const said = error instanceof Error && error.message !== '' ? error.message : code;
  return new StorageError(kind, { ...about, reason: lookAt === undefined ? said : advised(said, lookAt) });
}

function meaningOf(code: string): Meaning {
  return meanings[code] ?? (certificates.test(code) ? ['denied', trust] : ['unavailable']);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
