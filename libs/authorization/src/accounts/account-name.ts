import { AccountError } from './account-error.ts';

/** Characters. */
const longest = 128;
const form = /^[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?$/;

/**
 * Tells whether a user, robot or group of the database may have this name. One spelling of a name means one account: names are lower case and ASCII,
 * so a rule for `ann` cannot be passed by `Ann` or by a look-alike. They hold none of `:` (Basic credentials), `/` (paths) and `$`.
 */
export function isAccountName(name: string): boolean {
  return name.length <= longest && form.test(name);
}

/** @throws AccountError `invalid` */
export function requireAccountName(what: 'user' | 'robot' | 'group', name: string): void {
  if (!isAccountName(name)) {
    throw new AccountError(
      'invalid',
      `a ${what}'s name has at most ${longest} characters of a-z, 0-9 and . _ @ + - and begins and ends with a letter or digit`,
    );
  }
}
