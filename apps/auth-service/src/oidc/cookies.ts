/** `__Host-`: browsers accept these only from this host, over TLS (or loopback), and for every path. */
export const cookieNames = {
  session: '__Host-longshore-session',
  attempt: '__Host-longshore-login',
} as const;

export type CookieName = keyof typeof cookieNames;

/** Returns the value of the header Set-Cookie. Lax: the provider's redirect back carries the cookie, a form of another site does not. */
export function setCookie(name: CookieName, value: string, seconds: number): string {
  return `${cookieNames[name]}=${value}; Max-Age=${seconds}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}

export const clearCookie = (name: CookieName): string => setCookie(name, '', 0);

/** @returns undefined without the cookie, and if it is there twice: readers would differ in which one counts */
export function readCookie(header: string | undefined, name: CookieName): string | undefined {
  const prefix = `${cookieNames[name]}=`;
  const values = (header ?? '')
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each.startsWith(prefix))
    .map((each) => each.slice(prefix.length));
  const [value, ...more] = values;
  return more.length === 0 && value !== '' ? value : undefined;
}
