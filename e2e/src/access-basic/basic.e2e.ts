import { rawExchange, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alice, basic, bob } from '../support/credentials.ts';
import { type Docker, startDocker } from '../support/dockerd.ts';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { everyRequest } from '../support/matrix.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { client as anonymous, clientOf, doorOrigin, imageName, target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const repository = uniqueRepository('private');
const image = tinyImage({ content: repository });
const registry = clientOf(alice);

const guess = (index: number) =>
  anonymous.get('/v2/', { authorization: basic({ username: 'guessed', password: `guess ${index}` }) });

beforeAll(async () => {
  await registry.pushImage(repository, image, 'latest');
});

describe('without credentials', () => {
  for (const { id, method, path } of everyRequest(repository)) {
    it(`${method} of ${id} is 401 with a Basic challenge`, async () => {
      const answer = await anonymous.send(method, path);
      expectStatus(answer, 401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="the test realm"/);
      expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
      expect(method === 'HEAD' ? ['UNAUTHORIZED'] : answer.codes).toEqual(['UNAUTHORIZED']);
    });
  }

  it('does not tell a repository that is there from one that is not', async () => {
    const there = await anonymous.get(`/v2/${repository}/manifests/latest`);
    const absent = await anonymous.get(`/v2/${uniqueRepository('absent')}/manifests/latest`);
    expect(absent.status).toBe(there.status);
    expect(absent.body).toEqual(there.body);
  });
});

describe('with credentials', () => {
  it('of an account is served', async () => {
    expectStatus(await registry.get('/v2/'), 200);
    expect((await registry.get(`/v2/${repository}/manifests/latest`)).body).toEqual(image.bytes);
    const other = clientOf(bob);
    expectStatus(await other.get('/v2/'), 200);
  });

  it.each([
    ['a wrong password', basic({ ...alice, password: 'wrong' })],
    ['no password', basic({ ...alice, password: '' })],
    ["another's password", basic({ ...alice, password: bob.password })],
    ['an unknown name', basic({ username: 'mallory', password: alice.password })],
    ['a name with a line feed', basic({ username: 'alice\nbob', password: alice.password })],
    ['no colon', `Basic ${Buffer.from('alice').toString('base64')}`],
    ['no base64', 'Basic ****'],
    ['two spaces', basic(alice).replace(' ', '  ')],
    ['nothing after Basic', 'Basic'],
    ['an unknown scheme', 'Digest username=alice'],
    ['a bearer token that nobody gave', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ])('that are %s is 401 UNAUTHORIZED', async (_, authorization) => {
    for (const path of ['/v2/', `/v2/${repository}/manifests/latest`]) {
      expectRefusal(await anonymous.get(path, { authorization }), 401, 'UNAUTHORIZED');
    }
  });

  it('that were wrong too often are 429 with Retry-After, and others of the same address are served', async () => {
    let answer = await guess(0);
    // Each replica of auth-service counts for itself.
    for (let index = 1; answer.status === 401 && index < 100; index++) answer = await guess(index);
    expectRefusal(answer, 429, 'TOOMANYREQUESTS');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expectStatus(await registry.get('/v2/'), 200);
  });

  it('given twice is refused', async () => {
    const { status } = await rawExchange(
      await doorOrigin(),
      `GET /v2/ HTTP/1.1\r\nHost: registry\r\nAuthorization: ${basic(alice)}\r\nAuthorization: ${basic(bob)}\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 401]).toContain(status);
  });

  it("does not open another's upload (CVE-2026-32589)", async () => {
    const location = await registry.startUpload(repository);
    const other = clientOf(bob);
    expectRefusal(await other.get(location), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await other.patch(location, Buffer.from('x'), 0), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await other.delete(location), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectStatus(await registry.get(location), 204);
  });
});

describe('docker', () => {
  let engine: Docker;

  beforeAll(async () => {
    engine = await startDocker();
  });

  afterAll(async () => {
    await engine.stop();
  });

  it('logs in, pushes and pulls, and is refused with a wrong password', async () => {
    const { host } = new URL(target.origin);
    const name = `${imageName(uniqueRepository('login'))}:1`;
    await engine.docker('import', await writeRootfs(await temporaryFolder('login')), name);
    await expect(engine.docker('push', name)).rejects.toThrow(/no basic auth credentials|unauthorized/);
    await expect(engine.docker('login', '--username', 'alice', '--password', 'wrong', host)).rejects.toThrow(
      /unauthorized|401/i,
    );
    await engine.docker('login', '--username', alice.username, '--password', alice.password, host);
    await engine.docker('push', name);
    await engine.docker('rmi', name);
    await engine.docker('pull', name);
    await engine.docker('logout', host);
    await expect(engine.docker('pull', name)).rejects.toThrow(/no basic auth credentials|unauthorized/);
  });
});
