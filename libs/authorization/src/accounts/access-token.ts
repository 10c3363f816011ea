import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The owner of an access token: a user (personal access token) or a robot. */
export type TokenOwner = 'user' | 'robot';

const prefixes: Readonly<Record<TokenOwner, string>> = { user: 'lsp_', robot: 'lsb_' };
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Base-62 digits: 178 bits. */
const randomLength = 30;
/** Base-62 digits that hold 32 bits. */
const checksumLength = 6;
const form = /^ls[pb]_[0-9A-Za-z]{36}$/;

/** An access token as it is shown once, and what is kept of it. */
export interface NewAccessToken {
  readonly secret: string;
  readonly hash: Buffer;
}

/**
 * Makes an access token: `lsp_` (user) or `lsb_` (robot), 30 random base-62 digits, and the CRC-32 of all before as 6 base-62 digits. Secret scanners
 * find it by the prefix and rule out other texts by the checksum, as they do with GitHub's tokens.
 */
export function newAccessToken(owner: TokenOwner): NewAccessToken {
  const body = prefixes[owner] + randomDigits(randomLength);
  const secret = body + checksumOf(body);
  return { secret, hash: accessTokenHash(secret) };
}

/** Tells whether a text is an access token, by its form and checksum. A password with this form would have to be one on purpose. */
export function isAccessToken(text: string): boolean {
  return form.test(text) && text.endsWith(checksumOf(text.slice(0, -checksumLength)));
}

/** Returns what is stored of an access token. */
export function accessTokenHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function checksumOf(body: string): string {
  let text = '';
  for (let rest = crc32(body), place = 0; place < checksumLength; place++) {
    text = digits.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Draws each digit with the same probability: bytes beyond the last multiple of 62 are drawn again. */
function randomDigits(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += digits.charAt(byte % 62);
    }
  }
  return text;
}
