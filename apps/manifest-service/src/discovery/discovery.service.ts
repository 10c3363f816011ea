import { Injectable } from '@nestjs/common';
import type { CatalogQuery, NamePage, PageQuery, ReferrersPage, ReferrersQuery } from '@longshore/messaging';
import {
  catalogPage,
  Database,
  type Manifest,
  type Referrer,
  referrersPage,
  tagsPage,
} from '@longshore/metadata';
import {
  type Digest,
  digestToBytes,
  fallbackTag,
  isDigest,
  OciError,
  type ParsedManifest,
  parseDigest,
  parseRepositoryName,
  referrersIndex,
  type RepositoryName,
} from '@longshore/oci';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestParser } from '../manifests/manifest-parser.ts';

/** Lists in pages by key, in byte order, so a page costs the same wherever it starts. */
@Injectable()
export class DiscoveryService {
  constructor(
    private readonly database: Database,
    private readonly settings: ManifestSettings,
    private readonly parser: ManifestParser,
  ) {}

  /** @throws OciError NAME_UNKNOWN for a repository that nobody has pushed to */
  async tags({ repository: name, limit, last }: PageQuery & { repository: string }): Promise<NamePage> {
    const repository = parseRepositoryName(name);
    const page = await tagsPage(this.database.db, {
      repository,
      after: last,
      limit: limit ?? this.settings.maximumTags,
    });
    if (page === 'repository-unknown') throw new OciError('NAME_UNKNOWN', { name });
    return { names: page.items, more: page.more };
  }

  async repositories({ limit = 100, last, ranges }: CatalogQuery): Promise<NamePage> {
    const page = await catalogPage(this.database.db, { after: last, limit, ranges });
    return { names: page.items, more: page.more };
  }

  /** Lists referrers by their `subject`, and those that clients listed under the fallback tag (distribution-spec, "Enabling the Referrers API"). */
  async referrers(query: ReferrersQuery): Promise<ReferrersPage> {
    const repository = parseRepositoryName(query.repository);
    const subject = parseDigest(query.subject);
    const limit = Math.min(query.limit ?? this.settings.maximumReferrers, this.settings.maximumReferrers);
    const after = query.last !== undefined && isDigest(query.last) ? query.last : undefined;
    const filter = query.artifactType === undefined ? {} : { artifactType: query.artifactType };
    const bytes = this.settings.referrersBytes;
    const stored = await referrersPage(this.database.db, {
      repository,
      subject,
      after,
      limit,
      bytes,
      ...filter,
    });
    const end = stored.more ? stored.items.at(-1)?.digest : undefined;
    const listed = await this.#listedUnderFallbackTag(repository, subject);
    const wanted = listed.filter(
      ({ digest, artifactType }) =>
        (after === undefined || isAfter(digest, after)) &&
        (end === undefined || !isAfter(digest, end)) &&
        (query.artifactType === undefined || artifactType === query.artifactType),
    );
    const merged = merge(stored.items, wanted);
    const { index, listed: taken } = referrersIndex(merged.slice(0, limit), bytes);
    const next = stored.more || merged.length > taken ? merged[taken - 1]?.digest : undefined;
    return { index, ...(next === undefined ? {} : { next }) };
  }

  async #listedUnderFallbackTag(repository: RepositoryName, subject: Digest): Promise<readonly Referrer[]> {
    const found = await this.database.lookups.manifest({
      repository,
      reference: { kind: 'tag', tag: fallbackTag(subject) },
    });
    if (typeof found === 'string') return [];
    const parsed = await this.#parsed(found);
    if (parsed?.kind !== 'index') return [];
    return parsed.manifests.map(({ digest, mediaType, size, artifactType, annotations = {} }) => ({
      digest,
      mediaType,
      size,
      artifactType,
      annotations,
    }));
  }

  /** Returns undefined for a manifest that exceeds limits which the operator has lowered since: such a manifest must not break the list. */
  async #parsed({ payload, mediaType }: Manifest): Promise<ParsedManifest | undefined> {
    try {
      return await this.parser.parse(payload, mediaType);
    } catch (error) {
      if (error instanceof OciError) return undefined;
      throw error;
    }
  }
}

/** Compares in the database's order of digests. */
function isAfter(digest: Digest, other: Digest): boolean {
  return Buffer.compare(digestToBytes(digest), digestToBytes(other)) > 0;
}

/** The database's entry comes from the manifest itself, so it wins over a client's list. */
function merge(stored: readonly Referrer[], listed: readonly Referrer[]): readonly Referrer[] {
  if (listed.length === 0) return stored;
  const all = new Map([...listed, ...stored].map((referrer) => [referrer.digest, referrer]));
  return [...all.values()].toSorted((a, b) => (isAfter(a.digest, b.digest) ? 1 : -1));
}
