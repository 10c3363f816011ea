import type { StorageErrorKind } from '@longshore/storage';

/** Returns the kind of failure that a status means. The answer's body may tell it more precisely. */
export function kindOfStatus(status: number): StorageErrorKind {
  if (status === 404 || status === 410) return 'absent';
  if (status === 401 || status === 403) return 'denied';
  if (status === 416) return 'invalid-range';
  if (status === 429 || status === 503) return 'throttled';
  if (status === 413 || status === 507) return 'full';
  return 'unavailable';
}

/** Returns the kind of an answer with an unknown code. A refused request would be refused again, so only a failing service is worth a retry. */
export function kindOfUnknown(status: number | undefined): StorageErrorKind {
  if (status === undefined || status < 300) return 'unavailable';
  const kind = kindOfStatus(status);
  const isFinal = kind === 'unavailable' && (status < 500 || status === 501) && status !== 408;
  return isFinal ? 'denied' : kind;
}

/** Returns the seconds of a Retry-After header (RFC 9110 §10.2.3), or undefined if there is none that can be parsed. */
export function retryAfterSeconds(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000);
}
