import { tinyImage, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { allPages, nextOf } from '../support/pages.ts';
import { client } from '../support/target.ts';

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
