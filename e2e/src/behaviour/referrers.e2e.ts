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
import { allPages } from '../support/pages.ts';
import { client } from '../support/target.ts';

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
