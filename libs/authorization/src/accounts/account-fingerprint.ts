import { createHmac } from 'node:crypto';

/**
 * Returns a value that changes with the secret and does not reveal it.
 * @param secret the password's hash, or what a directory says of the password
 */
export function accountFingerprint(name: string, secret: string): string {
  return createHmac('sha256', secret).update(`longshore account ${name}`).digest('base64url');
}
