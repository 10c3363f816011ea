/** When a signed URL begins and how long it is good for. */
export interface SignedPeriod {
  readonly from: Date;
  readonly until: Date;
  readonly seconds: number;
}

/** A URL changes at least so often, however long it is good for. Seconds. */
const longestBucket = 3600;

/**
 * The period that a URL signed now carries. It begins at a time bucket of half the wanted life, one hour at most: all URLs of a bucket are the
 * same text, so that a cache in between serves them. It ends `expiresInSeconds` after the bucket, so each URL is good for at least that long,
 * also one that is handed out in the bucket's last second.
 */
export function signedPeriod(expiresInSeconds: number, now = Date.now()): SignedPeriod {
  const bucket = Math.min(Math.max(1, Math.floor(expiresInSeconds / 2)), longestBucket);
  const from = new Date(now - (now % (bucket * 1000)));
  const seconds = bucket + expiresInSeconds;
  return { from, until: new Date(from.getTime() + seconds * 1000), seconds };
}
