/**
 * When a URL that is asked for now shall say that it was signed: the beginning of a bucket half as long as the URL is good for. All URLs of one
 * bucket are the same, so that a cache in between serves them, and each is good for at least half its time.
 */
export function signingTime(expiresInSeconds: number, now = Date.now()): Date {
  const bucket = Math.max(1, Math.floor(expiresInSeconds / 2)) * 1000;
  return new Date(now - (now % bucket));
}
