import { randomInt } from 'node:crypto';

/** Consonants: no word appears, and none is mistaken for a digit (RFC 8628, section 6.1). 20^8 is 34 bits. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const form = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/;

export function randomUserCode(): string {
  const code = Array.from({ length: 8 }, () => letters.charAt(randomInt(letters.length))).join('');
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** Reads a code as a person types it. @returns undefined for anything that is no code */
export function userCodeOf(text: string | undefined): string | undefined {
  const code = (text ?? '').toUpperCase().replaceAll(/[^A-Z]/g, '');
  return form.test(code) ? `${code.slice(0, 4)}-${code.slice(4)}` : undefined;
}

/** Returns what a page shows of a browser or a device: printable, and of one line. */
export function deviceNameOf(text: string | undefined, fallback: string): string {
  const name = (text ?? '')
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
    .trim()
    .slice(0, 100);
  return name === '' ? fallback : name;
}
