import { tinyImage, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { allPages } from '../support/pages.ts';
import { client } from '../support/target.ts';

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
