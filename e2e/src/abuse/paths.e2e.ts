import { blobOf, rawExchange, tinyImage, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client, doorOrigin } from '../support/target.ts';

const name = uniqueRepository('paths');
const secret = blobOf(uniqueBytes(100));
const image = tinyImage({ content: name });
let door = '';

beforeAll(async () => {
  door = await doorOrigin();
  await client.pushImage(name, image, 'latest');
  await client.pushBlob(name, secret);
});

const tricks: readonly string[] = [
  `//v2/${name}/manifests/latest`,
  `/v2//${name}/manifests/latest`,
  `/v2/${name}//manifests/latest`,
  `/v2/${name}/manifests//latest`,
  `/v2/${name}/manifests/latest/`,
  `/v2/${name}/./manifests/latest`,
  `/v2/x/../${name}/manifests/latest`,
  `/v2/x/%2e%2e/${name}/manifests/latest`,
  `/v2/x/%2E%2E/${name}/manifests/latest`,
  `/v2/x/..%2f${name}/manifests/latest`,
  `/v2/x/%252e%252e/${name}/manifests/latest`,
  `/v2/${name}%2fmanifests%2flatest`,
  `/v2/${name}/manifests%2flatest`,
  `/v2/${name}/%6danifests/latest`,
  `/v2/${name}/manifests/%6catest`,
  `/%76%32/${name}/manifests/latest`,
  `/V2/${name}/manifests/latest`,
  `/v2/${name.toUpperCase()}/manifests/latest`,
  `/v2/${name};a=b/manifests/latest`,
  `/v2/${name}/manifests;a=b/latest`,
  `/v2/${name}\\manifests\\latest`,
  `/v2/${name}/manifests/latest%00`,
  `/v2/${name}%00/manifests/latest`,
  `/v2/${name}/manifests/../manifests/latest`,
  `/v2/../v2/${name}/manifests/latest`,
  `/v2/..;/v2/${name}/manifests/latest`,
  `/v2/%5Fcatalog`,
  '/v2/_catalog/',
  '//v2/_catalog',
  `/v2/${name}/blobs/${secret.digest}/`,
  `/v2/${name}/blobs/${secret.digest.replace(':', '%253A')}`,
  `/v2/${name}/blobs/../blobs/${secret.digest}`,
  `/v2/x/../${name}/blobs/${secret.digest}`,
  `/v2/${name}/blobs/${secret.digest.toUpperCase()}`,
  '/v2/../../../../etc/passwd',
  '/v2/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  `/v2/${name}/blobs/..%2f..%2f..%2fetc%2fpasswd`,
  `/v2/${name}/blobs/uploads/../../../../etc/passwd`,
  `/v2/${name}/blobs/uploads/..%2f..%2fsecret`,
];

describe('a path with a trick in it', () => {
  for (const path of tricks) {
    it(`${path} is 400 or 404 in JSON, and shows nothing`, async () => {
      const { status, head, body } = await rawExchange(
        door,
        `GET ${path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`,
      );
      expect([400, 404], `${head}\n${body}`).toContain(status);
      expect(head).toMatch(/content-type: application\/json/i);
      expect(body).toContain('"errors"');
      expect(body).not.toContain(image.digest);
    });

    it(`${path} cannot be used to delete`, async () => {
      const { status } = await rawExchange(
        door,
        `DELETE ${path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`,
      );
      expect([400, 404, 405]).toContain(status);
      expectStatus(await client.get(`/v2/${name}/manifests/latest`), 200);
      expectStatus(await client.head(`/v2/${name}/blobs/${secret.digest}`), 200);
    });
  }

  it('stays what it is in absolute form', async () => {
    const { status } = await rawExchange(
      door,
      `GET http://other.example/v2/${name}/../x HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 404]).toContain(status);
  });
});

describe('a long path', () => {
  it.each([
    ['of one segment', `/v2/${'a-'.repeat(32_000)}a/tags/list`],
    ['of many segments', `/v2/${'a/'.repeat(32_000)}tags/list`],
    ['of dashes', `/v2/a${'-'.repeat(64_000)}/tags/list`],
    ['of underscores and dots', `/v2/${'a__b..'.repeat(10_000)}/tags/list`],
    ['in the query', `/v2/${name}/tags/list?last=${'x'.repeat(64_000)}`],
  ])('%s of 64 KB is refused at once', async (_, path) => {
    const begun = performance.now();
    const { status } = await rawExchange(
      door,
      `GET ${path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 404, 414, 431]).toContain(status);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('that just fits is refused without backtracking', async () => {
    for (const segment of ['a-', 'a.', 'a_', 'a__', 'a--', 'aa/']) {
      const begun = performance.now();
      const answer = await client.get(`/v2/${segment.repeat(2000)}!/tags/list`);
      expect([400, 404, 414]).toContain(answer.status);
      expect(performance.now() - begun).toBeLessThan(500);
    }
  });
});
