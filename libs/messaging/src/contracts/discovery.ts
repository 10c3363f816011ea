import { defineRequest } from '../request.ts';

export interface PageQuery {
  /** Most entries to return. The service clamps it. Absent: the service's default. */
  readonly limit?: number;
  readonly last?: string;
}

export interface NamePage {
  readonly names: readonly string[];
  /** True if more names follow the last one. */
  readonly more: boolean;
}

/** Rejects with NAME_UNKNOWN. */
export const listTags = defineRequest<PageQuery & { readonly repository: string }, NamePage>({
  subject: 'tags.list',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 10_000,
});

export interface CatalogQuery extends PageQuery {
  /** Sorted ranges of names to look in, apart from each other. Absent: all names. Version 0.1 does not know it, so the asker filters as well. */
  readonly ranges?: readonly { readonly from: string; readonly to: string }[];
}

export const listRepositories = defineRequest<CatalogQuery, NamePage>({
  subject: 'repositories.list',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 10_000,
});

export interface ReferrersQuery {
  readonly repository: string;
  readonly subject: string;
  readonly artifactType?: string;
  readonly limit?: number;
  readonly last?: string;
}

export interface ReferrersPage {
  /** The bytes of the index, ready to send. */
  readonly index: Uint8Array;
  /** Start of the next page. Absent on the last page. */
  readonly next?: string;
}

/** Returns an empty page for an unknown repository or digest (distribution-spec end-12). */
export const listReferrers = defineRequest<ReferrersQuery, ReferrersPage>({
  subject: 'referrers.list',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 10_000,
  // A page may be as large as a manifest, and several copies are held while it is made.
  limits: { concurrency: 4, queue: 1024 },
});
