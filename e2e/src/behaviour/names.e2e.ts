import { tinyImage, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

describe('repository names', () => {
  const prefix = uniqueRepository('names');
  const longest = `${prefix}/${'x'.repeat(255 - prefix.length - 1)}`;

  it.each([
    `${prefix}/a/b/c/d/e/f/g/h`,
    `${prefix}/a.b_c__d-e--f/0`,
    `${prefix}/tags/list`,
    `${prefix}/blobs/uploads/manifests`,
    longest,
  ])('pushes, pulls and lists %s', async (name) => {
    const image = tinyImage({ content: name });
    await client.pushImage(name, image, 'latest');
    expect((await client.get(`/v2/${name}/manifests/latest`)).body).toEqual(image.bytes);
    const tags = await client.get(`/v2/${name}/tags/list`);
    expectStatus(tags, 200);
    expect(tags.json()).toEqual({ name, tags: ['latest'] });
  });

  it('takes a tag of 128 characters', async () => {
    const image = tinyImage({ content: 'tag' });
    const tag = `_${'A.b-'.repeat(31)}c12`;
    expect(tag).toHaveLength(128);
    await client.pushImage(prefix, image, tag);
    expectStatus(await client.get(`/v2/${prefix}/manifests/${tag}`), 200);
  });
});
