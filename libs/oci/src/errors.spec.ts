import { describe, expect, it } from 'vitest';
import { OciError, type OciErrorCode, ociErrors } from './errors.ts';

const isCode = (code: string): code is OciErrorCode => Object.hasOwn(ociErrors, code);
const codes = Object.keys(ociErrors).filter(isCode);

describe('ociErrors', () => {
  // But for code-3 (blob upload invalid): an upload that cannot go on is unknown here, or its range, size or digest is refused.
  it('has the codes of the specification that the registry raises', () => {
    expect(codes).toEqual(
      expect.arrayContaining([
        'BLOB_UNKNOWN',
        'BLOB_UPLOAD_UNKNOWN',
        'DIGEST_INVALID',
        'MANIFEST_BLOB_UNKNOWN',
        'MANIFEST_INVALID',
        'MANIFEST_UNKNOWN',
        'NAME_INVALID',
        'NAME_UNKNOWN',
        'SIZE_INVALID',
        'UNAUTHORIZED',
        'DENIED',
        'UNSUPPORTED',
        'TOOMANYREQUESTS',
      ]),
    );
  });

  it.each(codes)('%s has one status of an error, a message, and can be made', (code) => {
    const { status, message } = ociErrors[code];
    const error = new OciError(code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(error).toMatchObject({ name: 'OciError', code, status, message, headers: {} });
    expect(code).toMatch(/^[A-Z_]+$/);
    expect(JSON.parse(error.body())).toEqual({ errors: [{ code, message }] });
  });
});

describe('OciError', () => {
  it('carries detail, headers, a closer status and its cause', () => {
    const cause = new Error('why');
    const error = new OciError(
      'SIZE_INVALID',
      { limit: 4 },
      { cause, headers: { 'retry-after': '1' }, status: 413 },
    );
    expect(error).toMatchObject({ status: 413, headers: { 'retry-after': '1' }, cause });
    expect(error.entries).toEqual([
      { code: 'SIZE_INVALID', message: ociErrors.SIZE_INVALID.message, detail: { limit: 4 } },
    ]);
  });

  it('lists an entry for each detail, and one without detail for none', () => {
    const listed = OciError.listing('MANIFEST_BLOB_UNKNOWN', [{ digest: 'a' }, { digest: 'b' }]);
    expect(listed.entries.map(({ detail }) => detail)).toEqual([{ digest: 'a' }, { digest: 'b' }]);
    expect(listed).toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN', status: 400 });
    expect(OciError.listing('MANIFEST_BLOB_UNKNOWN', []).entries).toHaveLength(1);
  });

  it('crosses the bus completely, except for its cause', () => {
    const sent = OciError.listing('DENIED', [1, 2], {
      cause: new Error('secret'),
      headers: { a: 'b' },
      status: 401,
    });
    const wire = JSON.stringify(sent.toWire());
    const received = OciError.from(JSON.parse(wire));
    expect(wire).not.toContain('secret');
    expect(received).toBeInstanceOf(OciError);
    expect(received).toMatchObject({ code: 'DENIED', status: 401, headers: { a: 'b' } });
    expect(received.body()).toBe(sent.body());
  });

  it('is UNKNOWN by default', () => {
    expect(OciError.from({ entries: [], headers: {}, status: 500 }).code).toBe('UNKNOWN');
  });
});
