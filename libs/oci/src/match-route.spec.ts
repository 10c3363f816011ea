import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OciError } from './errors.ts';
import { matchRoute, type RouteMatch } from './match-route.ts';
import { routeIds, routes } from './routes.ts';

const hex = '0123456789abcdef'.repeat(4);
const digest = `sha256:${hex}`;
const uploadId = '0190b5b2-7c1d-7000-8000-0123456789ab';

const word = fc.constantFrom(
  'manifests',
  'blobs',
  'tags',
  'uploads',
  'list',
  'referrers',
  'v2',
  'ext',
  'discover',
);
const component = fc.oneof(word, fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,6})?$/));
const names = fc
  .array(component, { minLength: 1, maxLength: 12 })
  .map((components) => components.join('/'))
  .filter((name) => name.length <= 255);
const references = fc.oneof(
  fc.constant('list'),
  fc.constant('uploads'),
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
  fc.constantFrom(digest, `sha512:${hex}${hex}`),
);

function refusal(method: string, target: string): OciError | undefined {
  try {
    matchRoute(method, target);
    return undefined;
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
}

/** The part of a match that its template names. */
function parts({ name, reference, digest: content, uploadId: upload }: RouteMatch): unknown {
  return { name, reference, digest: content, uploadId: upload };
}

describe('matchRoute', () => {
  it.each([
    ['GET', '/v2/', 'base'],
    ['GET', '/v2', 'base'],
    ['HEAD', '/v2/?x=y', 'base'],
    ['GET', '/v2/_catalog?n=5', 'catalog'],
    ['GET', '/v2/_oci/ext/discover', 'discover'],
  ])('%s %s is %s, of no repository', (method, target, id) => {
    expect(matchRoute(method, target)).toMatchObject({ id, method });
    expect(parts(matchRoute(method, target))).toEqual({});
  });

  it.each([
    ['GET', '/v2/a/_oci/ext/discover', 'repository-discover', { name: 'a' }],
    ['GET', '/v2/a/b/tags/list', 'tags', { name: 'a/b' }],
    ['GET', '/v2/a/manifests/list', 'manifest-get', { name: 'a', reference: { kind: 'tag', tag: 'list' } }],
    [
      'HEAD',
      `/v2/a/manifests/${digest}`,
      'manifest-get',
      { name: 'a', reference: { kind: 'digest', digest } },
    ],
    ['PUT', '/v2/a/manifests/1', 'manifest-put', { name: 'a', reference: { kind: 'tag', tag: '1' } }],
    ['DELETE', '/v2/a/manifests/1', 'manifest-delete', { name: 'a', reference: { kind: 'tag', tag: '1' } }],
    ['GET', `/v2/a/blobs/${digest}`, 'blob-get', { name: 'a', digest }],
    ['DELETE', `/v2/a/blobs/${digest}`, 'blob-delete', { name: 'a', digest }],
    ['POST', '/v2/a/blobs/uploads/', 'upload-start', { name: 'a' }],
    ['POST', '/v2/a/blobs/uploads', 'upload-start', { name: 'a' }],
    ['GET', `/v2/a/blobs/uploads/${uploadId}`, 'upload-status', { name: 'a', uploadId }],
    ['PATCH', `/v2/a/blobs/uploads/${uploadId}`, 'upload-patch', { name: 'a', uploadId }],
    ['PUT', `/v2/a/blobs/uploads/${uploadId}?digest=x`, 'upload-put', { name: 'a', uploadId }],
    ['DELETE', `/v2/a/blobs/uploads/${uploadId}`, 'upload-cancel', { name: 'a', uploadId }],
    ['GET', `/v2/a/referrers/${digest}`, 'referrers', { name: 'a', digest }],
    ['GET', '/v2/a/manifests/b/tags/list', 'tags', { name: 'a/manifests/b' }],
    ['GET', '/v2/a/tags/list/tags/list', 'tags', { name: 'a/tags/list' }],
    ['POST', '/v2/a/blobs/uploads/blobs/uploads/', 'upload-start', { name: 'a/blobs/uploads' }],
    ['GET', `/v2/blobs/blobs/${digest}`, 'blob-get', { name: 'blobs', digest }],
  ])('%s %s is %s', (method, target, id, expected) => {
    const match = matchRoute(method, target);
    expect(match).toMatchObject({ id, method });
    expect(match.route).toBe(routes[match.id]);
    expect(parts(match)).toEqual(expected);
  });

  it.each(['%3A', '%3a'])('takes a digest whose colon is written as %s', (colon) => {
    const escaped = digest.replace(':', colon);
    expect(matchRoute('GET', `/v2/a/blobs/${escaped}`)).toMatchObject({ digest });
    expect(matchRoute('GET', `/v2/a/referrers/${escaped}`)).toMatchObject({ digest });
    expect(matchRoute('PUT', `/v2/a/manifests/${escaped}`)).toMatchObject({
      reference: { kind: 'digest', digest },
    });
  });

  it('finds every route again from its template, whatever words the name holds', () => {
    const targets = fc.record({ id: fc.constantFrom(...routeIds), name: names, reference: references });
    fc.assert(
      fc.property(targets, ({ id, name, reference }) => {
        const target = routes[id].template
          .replace('<name>', name)
          .replace('<reference>', reference)
          .replace('<digest>', digest)
          .replace('<id>', uploadId);
        for (const method of routes[id].methods) {
          const match = matchRoute(method, target);
          expect(match.id).toBe(id);
          expect(match.name).toBe(
            target.includes(name) && routes[id].template.includes('<name>') ? name : undefined,
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '',
    '/',
    'v2/',
    '/v1/',
    '/v3/a/tags/list',
    '/v2x',
    '/V2/',
    '/v2/x',
    '/v2/a/b/c',
    '/v2/_catalog/',
    '/v2/tags/list',
    '/v2/manifests/latest',
    `/v2/blobs/${digest}`,
    '/v2/blobs/uploads/',
    '/v2/a/tags/',
    '/v2/a/tags/list/',
    '/v2/a/tags/other',
    '/v2/a/manifests/',
    '/v2/a/manifests/x/',
    '/v2/a/blobs/',
    `/v2/a/blobs/${digest}/`,
    '/v2/a/referrers/',
    `/v2/a/blobs/uploads/${uploadId}/`,
    `/v2/a/uploads/${uploadId}`,
    '/v2/a/_oci/ext/',
    '/v2/a/ext/discover',
    '/v2/_oci/ext/other',
    '/v2/..',
    '/v2/%2e%2e/',
    '/v2/a/manifest%73/x',
    '*',
    'http://registry/v2/',
  ])('%j is NOT_FOUND', (target) => {
    expect(refusal('GET', target)).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it.each([
    ['/v2/A/tags/list', 'NAME_INVALID', 400],
    ['/v2//tags/list', 'NAME_INVALID', 400],
    ['/v2/a//b/tags/list', 'NAME_INVALID', 400],
    ['/v2/../tags/list', 'NAME_INVALID', 400],
    ['/v2/a/../b/manifests/x', 'NAME_INVALID', 400],
    ['/v2/%61/manifests/x', 'NAME_INVALID', 400],
    ['/v2/a%2Fb/manifests/x', 'NAME_INVALID', 400],
    ['/v2/a/%2e%2e/b/manifests/x', 'NAME_INVALID', 400],
    ['/v2/_oci/manifests/x', 'NAME_INVALID', 400],
    [`/v2/${'a'.repeat(256)}/manifests/x`, 'NAME_INVALID', 400],
    [`/v2/${'a/'.repeat(5000)}manifests/x`, 'NAME_INVALID', 414],
    ['/v2/a/manifests/.x', 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/manifests/..', 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/manifests/%2e%2e', 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/manifests/a%2Fb', 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/manifests/sha256:x', 'DIGEST_INVALID', 400],
    [`/v2/a/manifests/sha256:${hex.toUpperCase()}`, 'DIGEST_INVALID', 400],
    ['/v2/a/blobs/x', 'DIGEST_INVALID', 400],
    [`/v2/a/blobs/sha256%3A${hex.toUpperCase()}`, 'DIGEST_INVALID', 400],
    [`/v2/a/blobs/SHA256%3A${hex}`, 'DIGEST_INVALID', 400],
    [`/v2/a/blobs/sha256%253A${hex}`, 'DIGEST_INVALID', 400],
    ['/v2/a/manifests/x%3Ay', 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/referrers/x', 'DIGEST_INVALID', 400],
    ['/v2/a/blobs/uploads/x', 'BLOB_UPLOAD_UNKNOWN', 404],
    [`/v2/a/blobs/uploads/${uploadId.toUpperCase()}`, 'BLOB_UPLOAD_UNKNOWN', 404],
    ['/v2/a/blobs/uploads/..', 'BLOB_UPLOAD_UNKNOWN', 404],
  ])('%s is %s', (target, code, status) => {
    expect(refusal('GET', target)).toMatchObject({ code, status });
  });

  it.each([
    ['POST', '/v2/', 'GET, HEAD'],
    ['DELETE', '/v2/_catalog', 'GET, HEAD'],
    ['PATCH', '/v2/a/tags/list', 'GET, HEAD'],
    ['POST', '/v2/a/manifests/x', 'GET, HEAD, PUT, DELETE'],
    ['PUT', `/v2/a/blobs/${digest}`, 'GET, HEAD, DELETE'],
    ['GET', '/v2/a/blobs/uploads/', 'POST'],
    ['GET', '/v2/a/blobs/uploads', 'POST'],
    ['POST', `/v2/a/blobs/uploads/${uploadId}`, 'GET, HEAD, PATCH, PUT, DELETE'],
    ['OPTIONS', '/v2/', 'GET, HEAD'],
    ['get', '/v2/', 'GET, HEAD'],
    ['constructor', '/v2/', 'GET, HEAD'],
  ])('%s %s is UNSUPPORTED and told what is not', (method, target, allow) => {
    expect(refusal(method, target)).toMatchObject({ code: 'UNSUPPORTED', status: 405, headers: { allow } });
  });

  it('reads the query and leaves it out of the path', () => {
    const { query, name } = matchRoute('GET', '/v2/a/tags/list?n=5&last=x%2Fy&__proto__=1&a?b');
    expect(name).toBe('a');
    expect([query.get('n'), query.get('last'), query.get('__proto__')]).toEqual(['5', 'x/y', '1']);
  });

  it('gives each request a query of its own', () => {
    matchRoute('GET', '/v2/').query.set('n', '1');
    expect(matchRoute('GET', '/v2/').query.has('n')).toBe(false);
  });

  it('answers any target with a match or a refusal of the table', () => {
    const piece = fc.constantFrom(
      '/',
      'v2',
      'a',
      'B',
      '%',
      '..',
      '?',
      '_oci',
      '_catalog',
      digest,
      uploadId,
      '\0',
      '#',
    );
    const near = fc
      .array(fc.oneof(piece, word), { maxLength: 10 })
      .map((pieces) => `/v2/${pieces.join('/')}`);
    fc.assert(
      fc.property(fc.constantFrom('GET', 'PUT', 'POST'), fc.oneof(near, fc.string()), (method, target) => {
        const refused = refusal(method, target);
        expect([400, 404, 405, 414, undefined]).toContain(refused?.status);
        expect(refused?.body().length ?? 0).toBeLessThan(2048);
      }),
      { numRuns: 2000 },
    );
  });
});
