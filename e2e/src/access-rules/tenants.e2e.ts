import { randomBytes } from 'node:crypto';
import { blobOf, tinyImage } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { alice, bob } from '../support/credentials.ts';
import { expectStatus } from '../support/expectations.ts';
import { clientOf, doorOrigin, target } from '../support/target.ts';

// Each user owns the repositories below its own name, and sees nothing of the other's.
const [ann, bea] = [clientOf(alice), clientOf(bob)];
const secret = tinyImage({ content: 'of alice alone' });
const [secretBlob = blobOf('')] = secret.blobs;
const absentBlob = blobOf(randomBytes(32));

beforeAll(() => ann.pushImage('alice/secret', secret, 'latest'));

describe('an upload of another tenant (CVE-2026-32589)', () => {
  it('is unknown under either name, and its bytes stay', async () => {
    const location = await ann.startUpload('alice/uploads');
    const bytes = randomBytes(1000);
    expectStatus(await ann.patch(location, bytes), 202);
    const theirs = new URL(location, target.origin);
    theirs.searchParams.set('digest', blobOf(bytes).digest);
    const path = `${theirs.pathname}${theirs.search}`;
    const own = path.replace('/alice/uploads/', '/bob/uploads/');
    for (const [method, options] of [
      ['GET', {}],
      ['PATCH', { body: Buffer.from('x') }],
      ['PUT', {}],
      ['DELETE', {}],
    ] as const) {
      expectStatus(await bea.send(method, own, options), 404);
      expectStatus(await bea.send(method, path, options), 401);
    }
    const status = await ann.get(location);
    expectStatus(status, 204);
    expect(status.headers['range']).toBe('0-999');
  });
});

describe('a blob of another tenant, whose digest is known (CVE-2024-39897)', () => {
  it.each(['GET', 'HEAD'])('is not found by %s in a repository of one’s own', async (method) => {
    await bea.pushImage('bob/app', tinyImage({ content: 'of bob' }), 'latest');
    expectStatus(await bea.send(method, `/v2/bob/app/blobs/${secretBlob.digest}`), 404);
    expectStatus(await bea.send(method, `/v2/bob/app/manifests/${secret.digest}`), 404);
  });

  it.each(['', '&from=alice/secret', '&from=alice/absent'])(
    'is not mounted (%s), with one answer whether it exists or not',
    async (from) => {
      const answers = await Promise.all(
        [secretBlob, absentBlob].map(({ digest }) =>
          bea.send('POST', `/v2/bob/mounts/blobs/uploads/?mount=${digest}${from}`),
        ),
      );
      const [there, absent] = answers.map(({ status, headers, body }) => ({
        status,
        names: Object.keys(headers).toSorted(),
        body: body.toString(),
      }));
      expect(there).toEqual(absent);
      expect(there?.status).toBe(202);
    },
  );
});

describe('another spelling of the catalog (CVE-2020-29662)', () => {
  it.each([
    '/v2/_catalog/',
    '//v2/_catalog',
    '/v2/%5Fcatalog',
    '/V2/_catalog',
    '/api/..;/v2/_catalog',
    '/v2/./_catalog',
  ])('%s shows nothing of another tenant', async (path) => {
    const { body } = await clientOf(bob, await doorOrigin()).get(path);
    expect(body.toString()).not.toContain('alice/');
  });
});
