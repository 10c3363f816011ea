import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import {
  Bus,
  listReferrers,
  listRepositories,
  listTags,
  type NamePage,
  type PageQuery,
} from '@longshore/messaging';
import { mediaTypes, nextLink, type Page, parsePage } from '@longshore/oci';
import { bytes, Endpoint, json, type RegistryRequest, type Reply } from '@longshore/service-kit';
import { GatewaySettings } from '../gateway-settings.ts';
import { visiblePage } from './visible-page.ts';

/** Tags, referrers and the catalog (distribution-spec end-8, end-12; `_catalog` as in Docker's registry). */
@Injectable()
export class DiscoveryEndpoints {
  constructor(
    private readonly bus: Bus,
    private readonly settings: GatewaySettings,
  ) {}

  @Endpoint('tags')
  async tags({ match }: RegistryRequest): Promise<Reply> {
    const name = match.name ?? '';
    const page = parsePage(match.query, { maximum: this.settings.maximumTags });
    if (page.limit === undefined) return this.#allTags(name, page.last);
    const { names, more } = await this.bus.request(listTags, { repository: name, ...pageQuery(page) });
    return json(
      { name, tags: names },
      linkAfter(`/v2/${name}/tags/list`, page, { last: names.at(-1), more }),
    );
  }

  /**
   * Lists all tags. Without a limit the list is complete, as in distribution: clients without support for Link (Joxit's UI, npm's
   * docker-registry-client) would miss tags. A list of several reads is streamed, one read at a time.
   */
  async #allTags(name: string, last: string | undefined): Promise<Reply> {
    const read = (after: string | undefined): Promise<NamePage> =>
      this.bus.request(listTags, {
        repository: name,
        limit: this.settings.tagsPerRead,
        ...(after === undefined ? {} : { last: after }),
      });
    const first = await read(last);
    if (!first.more) return json({ name, tags: first.names });
    const body = Readable.from(tagsDocument(name, first, read), { objectMode: false });
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }

  @Endpoint('catalog')
  async catalog({ match, view }: RegistryRequest): Promise<Reply> {
    const page = parsePage(match.query, { maximum: this.settings.maximumCatalogEntries, fallback: 100 });
    const { names, more, last } = await visiblePage(view, pageQuery(page), (query) =>
      this.bus.request(listRepositories, query),
    );
    return json({ repositories: names }, linkAfter('/v2/_catalog', page, { last, more }));
  }

  @Endpoint('referrers')
  async referrers({ match }: RegistryRequest): Promise<Reply> {
    const name = match.name ?? '';
    const subject = match.digest ?? '';
    // No media type contains NUL, and Postgres refuses it: the replaced filter matches nothing, as it should.
    const artifactType = match.query.get('artifactType')?.replaceAll('\0', '\uFFFD') ?? null;
    const page = parsePage(match.query, { maximum: this.settings.maximumReferrers });
    const filter = artifactType === null || artifactType === '' ? {} : { artifactType };
    const { index, next } = await this.bus.request(listReferrers, {
      repository: name,
      subject,
      ...filter,
      ...pageQuery(page),
    });
    return bytes(200, index, {
      'content-type': mediaTypes.ociIndex,
      ...('artifactType' in filter ? { 'oci-filters-applied': 'artifactType' } : {}),
      ...linkAfter(`/v2/${name}/referrers/${subject}`, page, {
        last: next,
        more: next !== undefined,
        extra: filter,
      }),
    });
  }
}

/** Streams `{ name, tags }` in pieces. A failed read cuts the answer. */
async function* tagsDocument(
  name: string,
  first: NamePage,
  read: (after: string | undefined) => Promise<NamePage>,
): AsyncGenerator<string> {
  yield `{"name":${JSON.stringify(name)},"tags":[${textsOf(first)}`;
  for (let page = first; page.more;) {
    page = await read(page.names.at(-1));
    if (page.names.length > 0) yield `,${textsOf(page)}`;
  }
  yield ']}';
}

const textsOf = ({ names }: NamePage): string => names.map((name) => JSON.stringify(name)).join(',');

function pageQuery({ limit, last }: Page): PageQuery {
  return { ...(limit === undefined ? {} : { limit }), ...(last === undefined ? {} : { last }) };
}

/** Sends no Link after an empty page: `n=0` has no next page (distribution-spec end-8b). */
function linkAfter(
  path: string,
  { limit }: Page,
  { last, more, extra = {} }: { last: string | undefined; more: boolean; extra?: Record<string, string> },
): Record<string, string> {
  if (!more || last === undefined) return {};
  return { link: nextLink(path, { ...(limit === undefined ? {} : { n: limit }), last, ...extra }) };
}
