import { assert, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redacted, redactText } from './redact.ts';

const names = [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'clientSecret',
  'secretaccesskey',
  'token',
  'refresh_token',
  'accountkey',
  'private_key',
  'key',
];

describe('redact', () => {
  it.each(names)('hides the field %s at any depth', (name) => {
    const text = JSON.stringify(redact({ a: [{ [name]: 'canary' }], [name]: { inner: 'canary' } }));
    expect(text).not.toContain('canary');
    expect(text).toContain(redacted);
  });

  it.each(['digest', 'storageKey', 'repository', 'keys', 'tokenizer'])('keeps the field %s', (name) => {
    expect(redact({ [name]: 'kept' })).toEqual({ [name]: 'kept' });
  });

  it('keeps type, message and causes of an error', () => {
    const error = new TypeError('outer', { cause: new Error('inner', { cause: { password: 'canary' } }) });
    const text = JSON.stringify(redact({ err: error }));
    expect(text).toContain('"type":"TypeError","message":"outer"');
    expect(text).toContain('inner');
    expect(text).not.toContain('canary');
  });

  it('ends on cycles, and on structures too deep or too long', () => {
    const cycle: Record<string, unknown> = { items: Array.from({ length: 10_000 }, () => 1) };
    cycle['self'] = cycle;
    expect(JSON.stringify(redact(cycle)).length).toBeLessThan(10_000);
  });

  it('shows the length of bytes instead of the bytes', () => {
    expect(redact({ payload: Buffer.from('canary') })).toEqual({ payload: '[6 bytes]' });
  });
});

describe('redactText', () => {
  it('hides userinfo in URLs and credentials after their scheme', () => {
    expect(redactText('connect postgres://user:canary@db:5432/x failed')).toBe(
      `connect postgres://${redacted}@db:5432/x failed`,
    );
    expect(redactText('sent Bearer eyJhbGciOi.canary.x and basic dXNlcjpjYW5hcnk=')).toBe(
      `sent Bearer ${redacted} and basic ${redacted}`,
    );
  });

  it('leaves serialised JSON parseable', () => {
    assert(
      property(jsonValue(), string(), (value, text) => {
        const line = JSON.stringify([value, `http://${text}@h Bearer ${text}`]);
        expect(JSON.parse(redactText(line))).toHaveLength(2);
      }),
    );
  });
});
