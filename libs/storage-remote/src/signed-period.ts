/** The start of a signed URL's validity, and its length. */
export interface SignedPeriod {
  readonly from: Date;
  readonly until: Date;
  readonly seconds: number;
}

/** Longest time in seconds for which the URL stays the same. */
const longestBucket = 3600;

/**
 * Returns the period of a URL that is signed now. It begins at a time bucket of half the requested validity, one hour at most: all URLs of a bucket
 * are the same text, so a cache can serve them. It ends `expiresInSeconds` after the end of the bucket, so each URL is valid for at least that
 * long, even one given out in the bucket's last second.
 */
export function signedPeriod(expiresInSeconds: number, now = Date.now()): SignedPeriod {
  const bucket = Math.min(Math.max(1, Math.floor(expiresInSeconds / 2)), longestBucket);
  const from = new Date(now - (now % (bucket * 1000)));
  const seconds = bucket + expiresInSeconds;
  return { from, until: new Date(from.getTime() + seconds * 1000), seconds };
}
