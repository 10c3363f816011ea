import { randomBytes } from 'node:crypto';
import { AccountError, isAccessToken } from '@longshore/authorization';
import { hash } from 'bcryptjs';

/** The cost of new bcrypt hashes: 2^10 rounds, 50 to 100 ms. */
export const passwordCost = 10;
/** UTF-16 units (NIST SP 800-63B §3.1.1.2 asks for 15 where the password is the only factor, and at least 8). */
const shortest = 12;
/** Bytes: bcrypt ignores the rest. */
const longest = 72;
// oxlint-disable-next-line no-control-regex -- RFC 7617 forbids exactly these in Basic credentials.
const control = /[\x00-\x1f\x7f]/;

/**
 * Returns the bcrypt hash of a new password.
 * @throws AccountError `invalid` for a password that is too short, that bcrypt would cut, or that cannot be sent
 */
export function passwordHash(password: string): Promise<string> {
  if (password.length < shortest || Buffer.byteLength(password) > longest || control.test(password))
    throw new AccountError(
      'invalid',
      `a password has at least ${shortest} characters, at most ${longest} bytes, and no control characters`,
    );
  if (isAccessToken(password))
    throw new AccountError('invalid', 'a password must not have the form of an access token');
  return hash(password, passwordCost);
}

/** Returns a random password of 160 bits that is easy to copy. */
export function randomPassword(): string {
  return randomBytes(20).toString('hex');
}
