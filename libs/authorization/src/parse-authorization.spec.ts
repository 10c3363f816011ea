import { OciError } from '@longshore/oci';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthorization } from './parse-authorization.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const printable = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', ' ', 'é', '€', '😀', '.', ':', '!', '"', '\u00a0'),
});

function codeOf(header: string | string[]): string {
  try {
    return parseAuthorization(header).kind;
  } catch (error) {
    if (error instanceof OciError) return error.code;
    throw error;
  }
}

describe('parseAuthorization', () => {
  it('returns name and password, character by character', () => {
    fc.assert(
      fc.property(
        printable.filter((text) => text !== '' && !text.includes(':')),
        printable,
        (username, password) => {
          expect(parseAuthorization(basic(`${username}:${password}`))).toEqual({
            kind: 'basic',
            username,
            password,
          });
        },
      ),
    );
  });

  it.each(['basic', 'BASIC', 'bAsIc'])('takes the scheme in any case: %s', (scheme) => {
    expect(parseAuthorization(`${scheme} ${good}`)).toMatchObject({ kind: 'basic' });
    const bearer = scheme.replace(/basic/i, scheme === 'BASIC' ? 'BEARER' : 'bearer');
    expect(parseAuthorization(`${bearer} a.b`)).toEqual({ kind: 'bearer', token: 'a.b' });
  });

  it('reads a bearer token', () => {
    expect(parseAuthorization('Bearer a.b-c_d.e')).toEqual({ kind: 'bearer', token: 'a.b-c_d.e' });
  });

  it('treats a request without the header as anonymous', () => {
    expect(parseAuthorization(undefined)).toEqual({ kind: 'none' });
  });

  const good = Buffer.from('user:password').toString('base64');
  it.each([
    ['an empty header', ''],
    ['two spaces', `Basic  ${good}`],
    ['a tab', `Basic\t${good}`],
    ['a no-break space', `Basic\u00a0${good}`],
    ['a no-break space as bytes', `Basic \u00c2\u00a0${good}`],
    ['a leading space', ` Basic ${good}`],
    ['a trailing space', `Basic ${good} `],
    ['a joined header', `Basic ${good}, Basic ${good}`],
    ['the scheme alone', 'Basic'],
    ['another scheme', 'Digest username="a"'],
    ['a line break', `Basic ${good}\n`],
    ['base64url', `Basic ${good.replace(/.$/, '_')}`],
    ['no colon', basic('user')],
    ['no user', basic(':password')],
    ['a NUL', basic('user\0:password')],
    ['a line break inside', basic('user:pass\r\nword')],
    ['no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0x61]).toString('base64')}`],
    ['stray bits at the end', 'Basic YTpiZ=='],
    ['a bearer without a token', 'Bearer '],
    ['a bearer with two tokens', 'Bearer a b'],
    ['a token of 9,000 characters', `Bearer ${'a'.repeat(9000)}`],
    ['a password of a megabyte', basic(`user:${'a'.repeat(1_000_000)}`)],
  ])('refuses %s', (_, header) => expect(codeOf(header)).toBe('UNAUTHORIZED'));

  it('refuses a repeated header, and reads one that came in a list', () => {
    expect(codeOf([`Basic ${good}`, `Basic ${good}`])).toBe('UNAUTHORIZED');
    expect(codeOf([`Basic ${good}`])).toBe('basic');
  });

  it('never treats an unreadable header as anonymous', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        expect(codeOf(header)).not.toBe('none');
      }),
    );
  });

  it('reveals no credentials in its error', () => {
    const bodies = [`Basic  ${basic('user:canary').slice(6)}`, basic('canary'), basic('user:canary\n')].map(
      bodyOf,
    );
    expect(bodies).toHaveLength(3);
    expect(bodies.join(' ')).not.toMatch(/canary|Y2FuYXJ5/);
  });
});

function bodyOf(header: string): string {
  try {
    parseAuthorization(header);
  } catch (error) {
    if (error instanceof OciError) return error.body();
  }
  throw new Error('the header was not refused');
}
