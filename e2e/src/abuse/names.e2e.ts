import { blobOf, digestOf, tinyImage, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const badNames: readonly string[] = [
  'UPPER',
  'a/B',
  '-a',
  'a-',
  '.a',
  'a.',
  '_a',
  'a/_b',
  'a..b',
  'a___b',
  'a/-b',
  'a+b',
  'a:b',
  'a@b',
  'a~b',
  "a'b",
  'a%20b',
  'a%c3%a9',
  'a$(id)',
  'a'.repeat(256),
  `${'a/'.repeat(200)}a`,
];

describe('a repository name that is none', () => {
  for (const name of badNames) {
    it(`${name.slice(0, 40)} is 400 NAME_INVALID on every route`, async () => {
      const digest = digestOf('x');
      const image = tinyImage({ content: 'x' });
      const answers = [
        await client.get(`/v2/${name}/tags/list`),
        await client.get(`/v2/${name}/manifests/latest`),
        await client.pushManifest(name, 'latest', image),
        await client.delete(`/v2/${name}/manifests/latest`),
        await client.get(`/v2/${name}/blobs/${digest}`),
        await client.delete(`/v2/${name}/blobs/${digest}`),
        await client.send('POST', `/v2/${name}/blobs/uploads/`),
        await client.get(`/v2/${name}/referrers/${digest}`),
      ];
      for (const answer of answers) expectRefusal(answer, 400, 'NAME_INVALID');
    });
  }
});

describe('a tag that is none', () => {
  const name = uniqueRepository('tags');

  for (const tag of ['-a', '.a', 'a+b', 'a%20b', 'a@b', 'a~', 'x'.repeat(129), "a'--", 'a%00']) {
    it(`${tag.slice(0, 40)} is 404 for a pull, and 400 for every other method`, async () => {
      const image = tinyImage({ content: 'x' });
      expectRefusal(await client.get(`/v2/${name}/manifests/${tag}`), 404, 'MANIFEST_UNKNOWN');
      for (const answer of [
        await client.pushManifest(name, tag, image),
        await client.delete(`/v2/${name}/manifests/${tag}`),
      ]) {
        expectRefusal(answer, 400, 'TAG_INVALID', 'MANIFEST_INVALID', 'NAME_INVALID');
      }
    });
  }
});

describe('a digest that is none', () => {
  const name = uniqueRepository('digests');
  const hex = 'a'.repeat(64);

  for (const digest of [
    `sha256:${hex}a`,
    `sha256:${hex.slice(1)}`,
    `sha256:${hex.toUpperCase()}`,
    `sha256:${'g'.repeat(64)}`,
    `SHA256:${hex}`,
    `sha512:${hex}`,
    `sha1:${'a'.repeat(40)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:${hex}:${hex}`,
    `sha256:`,
    `:${hex}`,
    `sha256+b64:${hex}`,
    'baddigeststring',
  ]) {
    it(`${digest.slice(0, 40)} is 400 DIGEST_INVALID for a blob`, async () => {
      for (const answer of [
        await client.get(`/v2/${name}/blobs/${digest}`),
        await client.delete(`/v2/${name}/blobs/${digest}`),
        await client.get(`/v2/${name}/referrers/${digest}`),
        await client.send('POST', `/v2/${name}/blobs/uploads/?digest=${encodeURIComponent(digest)}`, {
          body: 'x',
        }),
      ]) {
        expectRefusal(answer, 400, 'DIGEST_INVALID');
      }
    });
  }

  it('sha256:baddigeststring is 400 for a manifest', async () => {
    expectStatus(await client.pushManifest(name, 'sha256:baddigeststring', tinyImage({ content: 'x' })), 400);
    expect([400, 404]).toContain((await client.get(`/v2/${name}/manifests/sha256:baddigeststring`)).status);
  });
});

describe('what a database would like to read', () => {
  const name = uniqueRepository('queries');

  it.each(["'", '"', ';--', "' or 1=1 --", '%', '_', '\\', '%00', '$1', '🦀', '%ff%fe'])(
    'in last=%s changes nothing',
    async (text) => {
      await client.pushImage(name, tinyImage({ content: name }), 'latest');
      const last = text.startsWith('%') && text.length > 1 ? text : encodeURIComponent(text);
      for (const path of [`/v2/${name}/tags/list?last=${last}`, `/v2/_catalog?last=${last}`]) {
        const answer = await client.get(path);
        expect([200, 400]).toContain(answer.status);
        expect(answer.status === 200 || answer.codes.length === 1).toBe(true);
      }
    },
  );
});

describe('the number of entries asked for', () => {
  const name = uniqueRepository('numbers');
  const paths = (n: string): string[] => [
    `/v2/${name}/tags/list?n=${n}`,
    `/v2/_catalog?n=${n}`,
    `/v2/${name}/referrers/${blobOf(name).digest}?n=${n}`,
  ];

  it.each(['0', '1', '1000', '1001', '10000', '2147483648', '9007199254740992', '9'.repeat(30)])(
    'n=%s is answered, if with fewer',
    async (n) => {
      await client.pushImage(name, tinyImage({ content: name }), 'latest');
      for (const path of paths(n)) {
        const answer = await client.get(path);
        expectStatus(answer, 200);
        const { tags, repositories, manifests } = answer.json();
        expect((tags ?? repositories ?? manifests ?? []).length).toBeLessThanOrEqual(
          Math.min(Number(n), 10_000),
        );
      }
    },
  );

  it.each(['-1', '1.5', 'abc', '%201', '1%20', '%00', '1e308', '0x10', '+1', 'NaN', 'Infinity', '1,2'])(
    'n=%s is 400',
    async (n) => {
      await client.pushImage(name, tinyImage({ content: name }), 'latest');
      const [tags = '', catalog = ''] = paths(n);
      for (const path of [tags, catalog])
        expectRefusal(await client.get(path), 400, 'PAGINATION_NUMBER_INVALID');
    },
  );

  it('n given twice, or empty, is never an error of ours', async () => {
    await client.pushImage(name, tinyImage({ content: name }), 'latest');
    for (const query of [
      'n=1&n=2',
      'n=',
      'n',
      'n[]=1',
      'n=1&last=a&last=b',
      '__proto__=1&constructor=2&n=1',
    ]) {
      const answer = await client.get(`/v2/${name}/tags/list?${query}`);
      expect([200, 400], query).toContain(answer.status);
    }
  });
});
