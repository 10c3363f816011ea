/** Returns the seconds since 1970, in which sealed secrets tell their end. */
export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);
