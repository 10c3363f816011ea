import {
  blobOf,
  descriptorOf,
  digestOf,
  indexOf,
  type Manifest,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueRepository,
} from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

/** Returns the path of the next page, as a client would follow it. */
function nextOf(headers: Readonly<Record<string, string>>): string | undefined {
  const link = headers['link'];
  if (link === undefined) return undefined;
  const target = /^<([^>]+)>; *rel="?next"?$/.exec(link)?.[1];
  if (target === undefined) throw new Error(`unreadable Link: ${link}`);
  const url = new URL(target, client.origin);
  return `${url.pathname}${url.search}`;
}

async function allPages<T>(
  path: string,
  pick: (page: Awaited<ReturnType<typeof client.get>>) => readonly T[],
): Promise<{ items: T[]; pages: number }> {
  const items: T[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages += 1) {
    if (pages > 100) throw new Error('the pages do not end');
    const answer = await client.get(next);
    expectStatus(answer, 200);
    items.push(...pick(answer));
    next = nextOf(answer.headers);
  }
  return { items, pages };
}

describe('end-8 GET tags/list', () => {
  const name = uniqueRepository('tags');
  const image = tinyImage({ content: name });
  const tags = ['1.0', '1.1', '10', '2', 'A', 'Z', '_x', 'a', 'b', 'latest'];

  beforeAll(async () => {
    await client.pushImage(name, image);
    for (const tag of tags.toReversed()) expectStatus(await client.pushManifest(name, tag, image), 201);
  });

  it('lists all, sorted by code point', async () => {
    const answer = await client.get(`/v2/${name}/tags/list`);
    expectStatus(answer, 200);
    expect(answer.json()).toEqual({ name, tags });
    expect(answer.headers['link']).toBeUndefined();
  });

  it('lists more than tags.maxtags, all of them, without n', { timeout: 120_000 }, async () => {
    const repository = uniqueRepository('many-tags');
    const tagged = tinyImage({ content: repository });
    await client.pushImage(repository, tagged);
    const many = Array.from({ length: 1200 }, (_, at) => `v${String(at).padStart(5, '0')}`);
    for (let at = 0; at < many.length; at += 100) {
      const query = many.slice(at, at + 100).map((tag) => `tag=${tag}`);
      expectStatus(await client.pushManifest(repository, `${tagged.digest}?${query.join('&')}`, tagged), 201);
    }
    expect((await client.get(`/v2/${repository}/tags/list`)).json().tags).toEqual(many);
    const { items, pages } = await allPages(
      `/v2/${repository}/tags/list?n=5000`,
      (page) => page.json().tags ?? [],
    );
    expect([items, pages]).toEqual([many, 2]);
  });

  it('returns exactly n, with a Link to the rest (suite v1.1.1: n is half of all)', async () => {
    const answer = await client.get(`/v2/${name}/tags/list?n=${tags.length / 2}`);
    expect(answer.json().tags).toEqual(tags.slice(0, tags.length / 2));
    const rest = await client.get(nextOf(answer.headers) ?? '');
    expect(rest.json().tags).toEqual(tags.slice(tags.length / 2));
    expect(rest.headers['link']).toBeUndefined();
  });

  it('visits every tag once by pages of three', async () => {
    const { items, pages } = await allPages(`/v2/${name}/tags/list?n=3`, (page) => page.json().tags ?? []);
    expect(items).toEqual(tags);
    expect(pages).toBe(4);
  });

  it('answers n=0 with an empty list and no Link', async () => {
    const answer = await client.get(`/v2/${name}/tags/list?n=0`);
    expectStatus(answer, 200);
    expect(answer.json().tags).toEqual([]);
    expect(answer.headers['link']).toBeUndefined();
  });

  it('begins after last, also when there is no such tag', async () => {
    expect((await client.get(`/v2/${name}/tags/list?last=Z`)).json().tags).toEqual([
      '_x',
      'a',
      'b',
      'latest',
    ]);
    expect((await client.get(`/v2/${name}/tags/list?last=Zz`)).json().tags).toEqual([
      '_x',
      'a',
      'b',
      'latest',
    ]);
    expect((await client.get(`/v2/${name}/tags/list?last=zzz`)).json().tags).toEqual([]);
  });

  it('answers an unknown repository with 404 NAME_UNKNOWN, and one without tags consistently', async () => {
    expectRefusal(await client.get(`/v2/${name}-absent/tags/list`), 404, 'NAME_UNKNOWN');
    const untagged = uniqueRepository('untagged');
    await client.pushImage(untagged, tinyImage({ content: untagged }));
    const answer = await client.get(`/v2/${untagged}/tags/list`);
    expectStatus(answer, 200);
    expect(answer.json()).toEqual({ name: untagged, tags: [] });
  });

  it('shows a pushed tag and hides a deleted one at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      expectStatus(await client.pushManifest(name, 'now', image), 201);
      expect((await client.get(`/v2/${name}/tags/list`)).json().tags).toContain('now');
      expectStatus(await client.delete(`/v2/${name}/manifests/now`), 202);
      expect((await client.get(`/v2/${name}/tags/list`)).json().tags).not.toContain('now');
    }
  });
});

describe('end-12 GET referrers', () => {
  const name = uniqueRepository('referrers');
  const subject = tinyImage({ content: name });
  const subjectDescriptor = {
    mediaType: subject.mediaType,
    digest: subject.digest,
    size: subject.bytes.length,
  };
  const empty = blobOf('{}');
  const referrer = (fields: Readonly<Record<string, unknown>>): Manifest =>
    manifestOf(ociTypes.manifest, {
      config: descriptorOf(empty, ociTypes.empty),
      layers: [],
      subject: subjectDescriptor,
      ...fields,
    });
  const signatures = [1, 2, 3].map((index) =>
    referrer({ artifactType: 'application/vnd.example.signature', annotations: { index: String(index) } }),
  );
  const sbom = referrer({ artifactType: 'application/vnd.example.sbom' });
  const untyped = manifestOf(ociTypes.manifest, {
    config: descriptorOf(empty, 'application/vnd.example.config'),
    layers: [],
    subject: subjectDescriptor,
  });
  const index = indexOf([], {
    subject: subjectDescriptor,
    artifactType: 'application/vnd.example.index',
    annotations: { kind: 'index' },
  });
  const all = [...signatures, sbom, untyped, index];
  const path = `/v2/${name}/referrers/${subject.digest}`;

  beforeAll(async () => {
    await client.pushImage(name, subject, 'subject');
    await client.pushBlob(name, empty);
    for (const manifest of all) expectStatus(await client.pushManifest(name, manifest.digest, manifest), 201);
  });

  it('lists every manifest with this subject, by type and annotations', async () => {
    const answer = await client.get(path);
    expectStatus(answer, 200);
    expect(answer.headers['content-type']).toBe(ociTypes.index);
    const document = answer.json();
    expect(document).toMatchObject({ schemaVersion: 2, mediaType: ociTypes.index });
    const byDigest = new Map(document.manifests?.map((descriptor) => [descriptor.digest, descriptor]));
    expect([...byDigest.keys()].toSorted()).toEqual(all.map(({ digest }) => digest).toSorted());
    for (const { digest, mediaType, bytes } of all)
      expect(byDigest.get(digest)).toMatchObject({ mediaType, size: bytes.length });
    expect(byDigest.get(signatures[0]?.digest ?? '')).toMatchObject({
      artifactType: 'application/vnd.example.signature',
      annotations: { index: '1' },
    });
    expect(byDigest.get(untyped.digest)?.artifactType).toBe('application/vnd.example.config');
    expect(byDigest.get(index.digest)).toMatchObject({
      artifactType: 'application/vnd.example.index',
      annotations: { kind: 'index' },
    });
  });

  it('filters by artifactType and says so', async () => {
    const answer = await client.get(`${path}?artifactType=application/vnd.example.signature`);
    expect(answer.headers['oci-filters-applied']).toBe('artifactType');
    expect(answer.json().manifests).toHaveLength(3);
    const none = await client.get(
      `${path}?artifactType=${encodeURIComponent('application/vnd.example.none+json')}`,
    );
    expectStatus(none, 200);
    expect(none.json().manifests).toEqual([]);
  });

  it('goes by pages with n, each filtered alike', async () => {
    const whole = await allPages(`${path}?n=2`, (page) => page.json().manifests ?? []);
    expect(whole.pages).toBeGreaterThanOrEqual(3);
    expect(whole.items.map(({ digest }) => digest).toSorted()).toEqual(
      all.map(({ digest }) => digest).toSorted(),
    );
    const filtered = await allPages(
      `${path}?artifactType=application/vnd.example.signature&n=2`,
      (page) => page.json().manifests ?? [],
    );
    expect(filtered.items).toHaveLength(3);
  });

  it('goes by pages of bounded size without n, also for many at once', { timeout: 120_000 }, async () => {
    const repository = uniqueRepository('referrers-large');
    await client.pushBlob(repository, empty);
    const large = [0, 1, 2].map((seed) =>
      referrer({ annotations: { seed: String(seed), filling: 'x'.repeat(4 * 1024 * 1024 - 4096) } }),
    );
    for (const manifest of large)
      expectStatus(await client.pushManifest(repository, manifest.digest, manifest), 201);
    const list = `/v2/${repository}/referrers/${subject.digest}`;
    const walks = Array.from({ length: 10 }, () => allPages(list, (page) => page.json().manifests ?? []));
    for (const { items, pages } of await Promise.all(walks)) {
      expect(items.map(({ digest }) => digest)).toEqual(large.map(({ digest }) => digest).toSorted());
      expect(pages).toBe(3);
    }
  });

  it('answers an unknown digest and an unknown repository with an empty index', async () => {
    for (const unknown of [
      `/v2/${name}/referrers/${digestOf('none')}`,
      `/v2/${name}-absent/referrers/${digestOf('none')}`,
    ]) {
      const answer = await client.get(unknown);
      expectStatus(answer, 200);
      expect(answer.headers['content-type']).toBe(ociTypes.index);
      expect(answer.json()).toMatchObject({ schemaVersion: 2, mediaType: ociTypes.index, manifests: [] });
    }
  });

  it.each(['sha256:short', 'latest', `md5:${'0'.repeat(32)}`])('refuses the digest %s', async (digest) => {
    expectRefusal(await client.get(`/v2/${name}/referrers/${digest}`), 400, 'DIGEST_INVALID');
  });

  it('adds what a client without the API has listed under the fallback tag', async () => {
    const other = uniqueRepository('fallback');
    const image = tinyImage({ content: other });
    await client.pushImage(other, image);
    await client.pushBlob(other, empty);
    const listed = manifestOf(ociTypes.manifest, {
      artifactType: 'application/vnd.example.old',
      config: descriptorOf(empty, ociTypes.empty),
      layers: [],
    });
    expectStatus(await client.pushManifest(other, listed.digest, listed), 201);
    const fallback = manifestOf(ociTypes.index, {
      manifests: [
        {
          mediaType: listed.mediaType,
          digest: listed.digest,
          size: listed.bytes.length,
          artifactType: 'application/vnd.example.old',
        },
      ],
    });
    expectStatus(await client.pushManifest(other, image.digest.replace(':', '-'), fallback), 201);
    const answer = await client.get(`/v2/${other}/referrers/${image.digest}`);
    expect(answer.json().manifests).toMatchObject([
      { digest: listed.digest, artifactType: 'application/vnd.example.old' },
    ]);
  });

  it('shows a pushed referrer and hides a deleted one at once', async () => {
    const brief = referrer({ annotations: { brief: 'yes' } });
    expectStatus(await client.pushManifest(name, brief.digest, brief), 201);
    expect((await client.get(path)).json().manifests?.map(({ digest }) => digest)).toContain(brief.digest);
    expectStatus(await client.delete(`/v2/${name}/manifests/${brief.digest}`), 202);
    expect((await client.get(path)).json().manifests?.map(({ digest }) => digest)).not.toContain(
      brief.digest,
    );
  });
});

describe('GET _catalog', () => {
  const names = ['b/two', 'a', 'a/one', 'a-1', 'c'].map(
    (suffix) => `${uniqueRepository('catalog')}/${suffix}`,
  );

  beforeAll(async () => {
    await Promise.all(names.map((name) => client.pushImage(name, tinyImage({ content: name }), 'latest')));
  });

  it('lists repositories in order, by pages, without repeating one', async () => {
    const { items } = await allPages('/v2/_catalog?n=50', (page) => page.json().repositories ?? []);
    expect(items).toEqual(expect.arrayContaining(names));
    expect(new Set(items).size).toBe(items.length);
    expect(items).toEqual(items.toSorted((one, other) => (one < other ? -1 : 1)));
  });

  it('begins after last', async () => {
    const [first = ''] = names.toSorted((one, other) => (one < other ? -1 : 1));
    const { items } = await allPages(
      `/v2/_catalog?n=100&last=${first}`,
      (page) => page.json().repositories ?? [],
    );
    expect(items).not.toContain(first);
  });

  it('does not list a repository in which nothing was ever pushed whole', async () => {
    const phantom = uniqueRepository('phantom');
    await client.get(`/v2/${phantom}/tags/list`);
    await client.startUpload(phantom);
    const { items } = await allPages('/v2/_catalog?n=100', (page) => page.json().repositories ?? []);
    expect(items).not.toContain(phantom);
  });
});

describe('GET _oci/ext/discover', () => {
  it('lists the extensions of the registry and of a repository', async () => {
    const answer = await client.get('/v2/_oci/ext/discover');
    expectStatus(answer, 200);
    expect(answer.json().extensions).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: '_oci' })]),
    );
    const name = uniqueRepository('discover');
    await client.pushImage(name, tinyImage({ content: name }), 'latest');
    expectStatus(await client.get(`/v2/${name}/_oci/ext/discover`), 200);
  });
});
