/** The result of signing in: a token, and the address of the objects. */
export interface Session {
  readonly token: string;
  /** The URL of the account (`https://…/v1/AUTH_…`), without a trailing slash. */
  readonly storageUrl: URL;
  /** Milliseconds for which the token is valid, counted by the service from its issue. Undefined if the service does not tell. */
  readonly lifetime: number | undefined;
}

/** @throws Error if the service's text is not a URL */
export function storageUrlOf(text: string): URL {
  return new URL(text.replace(/\/+$/, ''));
}
