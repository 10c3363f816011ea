import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Seal } from '@longshore/authorization';

const accessPrefix = 'lss_';
const refreshPrefix = 'lsd_';
const context = 'session access 1';
/** Seconds. docker asks its credential helper for each command, and the helper refreshes. */
export const accessLife = 3600;
/** Characters. Ours are shorter, so a longer one is not decoded. */
const longest = 512;

/** Makes a secret that nobody can guess: 256 bits. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

export const randomRefreshSecret = (): string => refreshPrefix + randomSecret();

/** Returns the hash by which the database knows a secret of 256 bits. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Tells a session's access secret from a password. */
export const isAccessSecret = (password: string): boolean => password.startsWith(accessPrefix);

/** The short-lived secrets of sessions, which clients send instead of a password. They name the session, which is looked up. */
export class AccessSecrets {
  readonly #seal: Seal;

  constructor(secret: string) {
    this.#seal = new Seal(secret, 'access secrets of sessions');
  }

  /** @param now seconds since 1970 */
  issue(session: string, now: number): string {
    const plain = JSON.stringify({ session, until: now + accessLife });
    return accessPrefix + this.#seal.seal(Buffer.from(plain), context).toString('base64url');
  }

  /** Returns the id of the session. Undefined if we did not issue the secret, or if it has expired. */
  read(text: string, now: number): string | undefined {
    if (!isAccessSecret(text) || text.length > longest) return undefined;
    const plain = this.#seal.open(Buffer.from(text.slice(accessPrefix.length), 'base64url'), context);
    if (plain === undefined) return undefined;
    // What the seal opens is what `issue` wrote.
    const { session, until }: { readonly session: string; readonly until: number } = JSON.parse(
      plain.toString('utf8'),
    );
    return until > now ? session : undefined;
  }
}

/** The token of a session's forms: a page of another site cannot know it. */
export const csrfTokenOf = (sessionSecret: string): string =>
  createHmac('sha256', sessionSecret).update('longshore form').digest('base64url');

export function isCsrfToken(token: string | undefined, sessionSecret: string): boolean {
  const [given, expected] = [Buffer.from(token ?? ''), Buffer.from(csrfTokenOf(sessionSecret))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
