import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { blobOf, RegistryClient, tinyImage, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { alice, basic, bob } from '../support/credentials.ts';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { everyRequest } from '../support/matrix.ts';
import { client as anonymous, clientOf, target } from '../support/target.ts';
import { challengeOf, tokenFor } from '../support/tokens.ts';

const repository = uniqueRepository('tokens');
const image = tinyImage({ content: repository });

async function bearer(...scopes: readonly string[]): Promise<RegistryClient> {
  return new RegistryClient(target.origin, {
    headers: { authorization: `Bearer ${await tokenFor(alice, scopes)}` },
  });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claims(): object {
  const now = Math.floor(Date.now() / 1000);
  const access = [{ type: 'repository', name: repository, actions: ['pull', 'push', 'delete'] }];
  return {
    iss: 'registry.test',
    aud: 'registry.test',
    sub: 'alice',
    exp: now + 300,
    nbf: now - 10,
    iat: now - 10,
    access,
  };
}

beforeAll(async () => {
  await (await bearer(`repository:${repository}:pull,push`)).pushImage(repository, image, 'latest');
});

describe('without a token', () => {
  for (const { id, method, path } of everyRequest(repository)) {
    it(`${method} of ${id} is 401 with a Bearer challenge`, async () => {
      const answer = await anonymous.send(method, path);
      expectStatus(answer, 401);
      expect(method === 'HEAD' ? ['UNAUTHORIZED'] : answer.codes).toEqual(['UNAUTHORIZED']);
      const { realm, service } = challengeOf(answer);
      // On this host: clients refuse a private address other than the registry's own.
      expect(new URL(realm).host).toBe(new URL(target.origin).host);
      expect(service).toBe('registry.test');
    });
  }

  it.each([
    ['GET', `/v2/${repository}/manifests/latest`, `repository:${repository}:pull`],
    ['HEAD', `/v2/${repository}/manifests/latest`, `repository:${repository}:pull`],
    ['POST', `/v2/${repository}/blobs/uploads/`, `repository:${repository}:pull,push`],
    ['DELETE', `/v2/${repository}/manifests/latest`, `repository:${repository}:delete`],
    ['GET', '/v2/_catalog', 'registry:catalog:*'],
  ])('%s %s names the scope to ask for', async (method, path, scope) => {
    expect(challengeOf(await anonymous.send(method, path)).scope).toBe(scope);
  });
});

describe('the token endpoint', () => {
  it('refuses a wrong password and an unknown account alike', async () => {
    const { pathname } = new URL(challengeOf(await anonymous.get('/v2/')).realm);
    const wrong = await anonymous.get(`${pathname}?service=registry.test`, {
      authorization: basic({ ...alice, password: 'x' }),
    });
    const unknown = await anonymous.get(`${pathname}?service=registry.test`, {
      authorization: basic({ username: 'mallory', password: 'x' }),
    });
    expectStatus(wrong, 401);
    expectStatus(unknown, 401);
    expect(unknown.body).toEqual(wrong.body);
  });

  it('grants several scopes at once, and tells how long they hold', async () => {
    const other = uniqueRepository('tokens');
    const both = await bearer(`repository:${repository}:pull`, `repository:${other}:pull,push`);
    expectStatus(await both.get(`/v2/${repository}/manifests/latest`), 200);
    await both.pushImage(other, image, 'latest');
  });

  it.each([
    'repository',
    'repository::',
    'repository:UPPER:pull',
    'repository:a:pull:b:c',
    `repository:${'a'.repeat(5000)}:pull`,
    '%00',
    'x'.repeat(10_000),
  ])('does not break on the scope %s', async (scope) => {
    const { pathname } = new URL(challengeOf(await anonymous.get('/v2/')).realm);
    const answer = await anonymous.get(`${pathname}?service=registry.test&scope=${scope}`, {
      authorization: basic(alice),
    });
    expect([200, 400]).toContain(answer.status);
  });

  it('takes the form of OAuth 2 as well', async () => {
    const { pathname } = new URL(challengeOf(await anonymous.get('/v2/')).realm);
    const form = new URLSearchParams({
      grant_type: 'password',
      service: 'registry.test',
      client_id: 'test',
      scope: `repository:${repository}:pull`,
      ...alice,
    });
    const answer = await anonymous.send('POST', pathname, {
      body: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expectStatus(answer, 200);
    const token = answer.json().access_token ?? '';
    expectStatus(
      await anonymous.get(`/v2/${repository}/manifests/latest`, { authorization: `Bearer ${token}` }),
      200,
    );
  });
});

describe('a token', () => {
  it('for one repository does not open another', async () => {
    const other = uniqueRepository('tokens');
    const client = await bearer(`repository:${other}:pull,push`);
    const answer = await client.get(`/v2/${repository}/manifests/latest`);
    expectRefusal(answer, 401, 'UNAUTHORIZED', 'DENIED');
    expect(challengeOf(answer)).toMatchObject({
      error: 'insufficient_scope',
      scope: `repository:${repository}:pull`,
    });
  });

  it('to pull does not push', async () => {
    const client = await bearer(`repository:${repository}:pull`);
    expectStatus(await client.get(`/v2/${repository}/manifests/latest`), 200);
    expect([401, 403]).toContain((await client.send('POST', `/v2/${repository}/blobs/uploads/`)).status);
    expect([401, 403]).toContain((await client.pushManifest(repository, 'other', image)).status);
  });

  it('to push does not delete (GHSA-qg67-7m6v-qg25)', async () => {
    const client = await bearer(`repository:${repository}:pull,push`);
    for (const path of [`manifests/latest`, `manifests/${image.digest}`, `blobs/${image.blobs[0]?.digest}`]) {
      expect([401, 403]).toContain((await client.delete(`/v2/${repository}/${path}`)).status);
    }
    expectStatus(await client.get(`/v2/${repository}/manifests/latest`), 200);
  });

  it('to push cancels an upload without the right to delete', async () => {
    const client = await bearer(`repository:${repository}:pull,push`);
    expectStatus(await client.delete(await client.startUpload(repository)), 204);
  });

  it('without the right to read the source mounts nothing, and does not say whether it is there', async () => {
    const other = uniqueRepository('tokens');
    const client = await bearer(`repository:${other}:pull,push`);
    const present = await client.send(
      'POST',
      `/v2/${other}/blobs/uploads/?mount=${image.blobs[0]?.digest}&from=${repository}`,
    );
    const absent = await client.send(
      'POST',
      `/v2/${other}/blobs/uploads/?mount=${blobOf(uniqueBytes(4)).digest}&from=${repository}`,
    );
    expect([present.status, absent.status]).toEqual([202, 202]);
    const anonymousMount = await client.send(
      'POST',
      `/v2/${other}/blobs/uploads/?mount=${image.blobs[0]?.digest}`,
    );
    expectStatus(anonymousMount, 202);
  });

  it('with the right to read the source mounts', async () => {
    const other = uniqueRepository('tokens');
    const client = await bearer(`repository:${other}:pull,push`, `repository:${repository}:pull`);
    expectStatus(
      await client.send(
        'POST',
        `/v2/${other}/blobs/uploads/?mount=${image.blobs[0]?.digest}&from=${repository}`,
      ),
      201,
    );
  });

  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (header: object): string => {
    const text = `${encode(header)}.${encode(claims())}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: attacker.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };

  it.each<[string, (real: string) => string]>([
    ['unsigned (alg none)', () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims())}.`],
    [
      'signed by a key in its own header (CVE-2025-24976)',
      () => signed({ alg: 'ES256', jwk: attacker.publicKey.export({ format: 'jwk' }) }),
    ],
    [
      'signed by a key at a URL of its own',
      () => signed({ alg: 'ES256', jku: 'http://127.0.0.1:1/jwks', x5u: 'http://127.0.0.1:1/x' }),
    ],
    ['signed without a key id', () => signed({ alg: 'ES256' })],
    [
      'signed by an attacker under our key id',
      (real) => {
        const header: { kid?: string } = JSON.parse(
          Buffer.from(real.split('.')[0] ?? '', 'base64url').toString(),
        );
        return signed({ alg: 'ES256', kid: header.kid, jwk: attacker.publicKey.export({ format: 'jwk' }) });
      },
    ],
    [
      'of which a claim was changed',
      (real) => {
        const [header = '', , signature = ''] = real.split('.');
        return `${header}.${encode(claims())}.${signature}`;
      },
    ],
    [
      'with HS256 over something public',
      () => {
        const text = `${encode({ alg: 'HS256' })}.${encode(claims())}`;
        return `${text}.${createHmac('sha256', '').update(text).digest('base64url')}`;
      },
    ],
    ['cut short', (real) => real.slice(0, -10)],
    ['made of dots', () => '.'.repeat(5000)],
    ['longer than any', (real) => `${real}${'A'.repeat(20_000)}`],
    ['empty', () => ''],
  ])('that is %s is 401', async (_, forge) => {
    const token = forge(await tokenFor(alice, [`repository:${repository}:pull`]));
    const answer = await anonymous.get(`/v2/${repository}/manifests/latest`, {
      authorization: `Bearer ${token}`,
    });
    expect([400, 401, 431]).toContain(answer.status);
    expect(answer.body.toString()).not.toContain(image.digest);
  });
});

describe('credentials sent directly', () => {
  it('are served without a token', async () => {
    const direct = clientOf(bob);
    expectStatus(await direct.get('/v2/'), 200);
    expectStatus(await direct.get(`/v2/${repository}/manifests/latest`), 200);
  });
});
