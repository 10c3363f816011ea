import { OciError, ociErrors } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import { isManagementPath, problemReply } from './problem.ts';

const documentOf = (fault: unknown): { readonly headers: object; readonly document: unknown } => {
  const { headers, body } = problemReply(fault, 'the-request');
  return { headers, document: JSON.parse(body instanceof Uint8Array ? new TextDecoder().decode(body) : '') };
};

describe('a problem document', () => {
  it('keeps the headers of a refusal, and its reason', () => {
    const fault = new OciError(
      'UNAUTHORIZED',
      { reason: 'no credentials were sent' },
      {
        headers: { 'www-authenticate': 'Basic realm="x"' },
      },
    );
    const { headers, document } = documentOf(fault);
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'www-authenticate': 'Basic realm="x"',
    });
    expect(document).toEqual({
      type: 'urn:longshore:problem:unauthenticated',
      title: 'Unauthorized',
      status: 401,
      detail: 'no credentials were sent',
      instance: 'urn:longshore:request:the-request',
    });
  });

  it('shows nothing of a fault of ours', () => {
    const { document } = documentOf(new Error('canary'));
    expect(document).toMatchObject({ type: 'urn:longshore:problem:fault', status: 500 });
    expect(JSON.stringify(document)).not.toContain('canary');
  });

  it('has a kind for each status that its routes answer with', () => {
    const statuses = [401, 403, 404, 405, 429, 500, 503].filter((status) =>
      Object.values(ociErrors).some((error) => error.status === status),
    );
    expect(statuses).toHaveLength(7);
    for (const status of statuses) {
      const { document } = documentOf(new OciError('UNKNOWN', undefined, { status }));
      expect(document).toMatchObject({ type: expect.stringMatching(/^urn:longshore:problem:[a-z-]+$/) });
    }
  });
});

it.each([
  ['/api/v1/users', true],
  ['/api/v1', true],
  ['/api/v1?x', true],
  ['/api/v10', false],
  ['/auth/token', false],
])('%s is of the management API: %s', (path, expected) => {
  expect(isManagementPath(path)).toBe(expected);
});
