/** What a service of identity gives: a token, and where the objects are. */
export interface Session {
  readonly token: string;
  /** Up to the account: `https://…/v1/AUTH_…`, without a slash at the end. */
  readonly storageUrl: URL;
  /** Of the token, as the service counts it from when it gave it. Milliseconds; undefined when it does not tell. */
  readonly lifetime: number | undefined;
}

/** @throws Error when a text that the service sent is no URL */
export function storageUrlOf(text: string): URL {
  return new URL(text.replace(/\/+$/, ''));
}
