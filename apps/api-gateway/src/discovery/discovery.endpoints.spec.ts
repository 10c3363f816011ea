import { loadConfiguration } from '@longshore/configuration';
import {
  InProcessBus,
  listReferrers,
  listRepositories,
  listTags,
  type PageQuery,
  type ReferrersQuery,
} from '@longshore/messaging';
import { referrersIndex } from '@longshore/oci';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { exchange } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewaySettings } from '../gateway-settings.ts';
import { DiscoveryEndpoints } from './discovery.endpoints.ts';

const config = loadConfiguration({
  environment: { REGISTRY_STORAGE_INMEMORY: '{}', REGISTRY_CATALOG_MAXENTRIES: '5' },
});
const subject = `sha256:${'a'.repeat(64)}`;
const next = `sha256:${'b'.repeat(64)}`;
const asked: (PageQuery | ReferrersQuery)[] = [];
const all = ['alpha', 'beta', 'gamma'];
const many = Array.from({ length: 12_000 }, (_, at) => `v${String(at).padStart(6, '0')}`);
const lost = new Set<string>();

/** Returns names after `last`, at most `limit`. */
function page(query: PageQuery, names: readonly string[] = all) {
  asked.push(query);
  const { last = '', limit = names.length } = query;
  if (lost.has(last)) throw new Error('the database is away');
  const left = names.filter((name) => name > last);
  return { names: left.slice(0, limit), more: left.length > limit };
}

const bus = new InProcessBus();
bus.serve(listTags, async (query) => page(query, query.repository === 'team/large' ? many : all));
bus.serve(listRepositories, async (query) => page(query));
bus.serve(listReferrers, async (query) => {
  asked.push(query);
  return { index: referrersIndex([]).index, ...(query.limit === 1 ? { next } : {}) };
});

let door: OpenDoor;
beforeAll(async () => {
  await bus.start();
  door = await openDoor({ endpoints: [new DiscoveryEndpoints(bus, new GatewaySettings(config))] });
});
afterAll(async () => {
  await door.close();
  await bus.close();
});

const get = async (path: string) => {
  const answer = await exchange(door.origin, path);
  const json = () => answer.json();
  return { ...answer, json, link: answer.headers['link'] };
};

describe('DiscoveryEndpoints, tags', () => {
  it('lists all tags at once if no number is requested', async () => {
    const { json, link } = await get('/v2/team/app/tags/list');
    expect(json()).toEqual({ name: 'team/app', tags: all });
    expect(link).toBeUndefined();
  });

  it('lists all tags of a large repository, in reads of bounded size', async () => {
    asked.length = 0;
    const { json, link, headers } = await get('/v2/team/large/tags/list');
    expect(json()).toEqual({ name: 'team/large', tags: many });
    expect([link, headers['content-type']]).toEqual([undefined, 'application/json']);
    expect(asked).toMatchObject([{ limit: 5000 }, { last: many[4999] }, { last: many[9999] }]);
    const last = many[6000] ?? '';
    expect((await get(`/v2/team/large/tags/list?last=${last}`)).json().tags).toEqual(many.slice(6001));
  });

  it('cuts the answer when a later read fails: no list that looks whole', async () => {
    lost.add(many[4999] ?? '');
    await expect(get('/v2/team/large/tags/list')).rejects.toThrow('aborted');
    lost.clear();
  });

  it('is walked to its end by its links', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v2/team/app/tags/list?n=1';
    while (path !== undefined) {
      const { json, link } = await get(path);
      seen.push(...(json().tags ?? []));
      path = link === undefined ? undefined : /^<(.*)>; rel="next"$/.exec(link)?.[1];
    }
    expect(seen).toEqual(all);
  });

  it('gives an empty page for n=0, and no link', async () => {
    const { json, link } = await get('/v2/team/app/tags/list?n=0');
    expect([json().tags, link]).toEqual([[], undefined]);
  });

  it.each(['-1', 'x', '1e3'])('refuses n=%s', async (n) => {
    const { status, codes } = await get(`/v2/team/app/tags/list?n=${n}`);
    expect([status, codes]).toEqual([400, ['PAGINATION_NUMBER_INVALID']]);
  });
});

describe('DiscoveryEndpoints, catalog', () => {
  it('returns no more than the operator allows, whatever is requested', async () => {
    await get('/v2/_catalog?n=100000');
    expect(asked.at(-1)).toMatchObject({ limit: 5 });
  });

  it('links to the next page', async () => {
    const { json, link } = await get('/v2/_catalog?n=2&last=alpha');
    expect(json()).toEqual({ repositories: ['beta', 'gamma'] });
    expect(link).toBeUndefined();
    expect((await get('/v2/_catalog?n=1')).link).toBe('</v2/_catalog?n=1&last=alpha>; rel="next"');
  });
});

describe('DiscoveryEndpoints, referrers', () => {
  it('answers an image index, and says nothing of a filter that was not asked for', async () => {
    const { headers, json } = await get(`/v2/team/app/referrers/${subject}`);
    expect(headers['content-type']).toBe('application/vnd.oci.image.index.v1+json');
    expect(headers['oci-filters-applied']).toBeUndefined();
    expect(json().manifests).toEqual([]);
  });

  it('keeps the filter in the link to the next page', async () => {
    const type = 'application/vnd.example+json';
    const { headers, link } = await get(
      `/v2/team/app/referrers/${subject}?artifactType=${encodeURIComponent(type)}&n=1`,
    );
    expect(asked.at(-1)).toEqual({ repository: 'team/app', subject, artifactType: type, limit: 1 });
    expect(headers['oci-filters-applied']).toBe('artifactType');
    const target = new URL(/^<(.*)>; rel="next"$/.exec(link ?? '')?.[1] ?? '', 'http://x');
    expect(Object.fromEntries(target.searchParams)).toEqual({ n: '1', last: next, artifactType: type });
  });
});
