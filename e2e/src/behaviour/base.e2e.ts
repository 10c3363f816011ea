import { describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

describe('end-1 GET /v2/', () => {
  it.each(['/v2/', '/v2'])('answers 200 and names the API version at %s', async (path) => {
    const answer = await client.get(path);
    expectStatus(answer, 200);
    expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it('answers HEAD without a body', async () => {
    const answer = await client.head('/v2/');
    expectStatus(answer, 200);
    expect(answer.body).toHaveLength(0);
  });
});

describe('whatever is not a route', () => {
  it.each([
    '/v2/team/app',
    '/v2/team/app/unknown',
    '/v2/team/app/blobs',
    '/v2/team/app/manifests',
    '/v2/_unknown',
    '/v2/team/app/tags',
    '/v2/team/app/tags/list/more',
  ])('answers %s with 404 in JSON', async (path) => {
    const answer = await client.get(path);
    expectStatus(answer, 404);
    expect(answer.codes).toHaveLength(1);
    expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
  });

  it.each([
    ['POST', '/v2/team/app/tags/list'],
    ['PUT', '/v2/_catalog'],
    ['PATCH', '/v2/team/app/manifests/latest'],
    ['PUT', `/v2/team/app/blobs/sha256:${'0'.repeat(64)}`],
    ['DELETE', '/v2/'],
  ])('answers %s %s with 405 UNSUPPORTED and an Allow header', async (method, path) => {
    const answer = await client.send(method, path);
    expectRefusal(answer, 405, 'UNSUPPORTED');
    expect(answer.headers['allow']).toMatch(/GET/);
  });

  it('answers outside /v2 with 404 in JSON, never with a page', async () => {
    const answer = await client.get('/index.html');
    expectStatus(answer, 404);
    expect(answer.codes).toEqual(['NOT_FOUND']);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['x-request-id']).toBeDefined();
  });
});

describe('GET /', () => {
  it('answers 200 with nothing: load balancers and charts probe it', async () => {
    const answer = await client.get('/');
    expectStatus(answer, 200);
    expect(answer.body).toHaveLength(0);
  });
});
