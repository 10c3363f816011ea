import { defineRequest } from '../request.ts';

export interface PageQuery {
  /** At most so many; the service clamps it. Absent: the service's default. */
  readonly limit?: number;
  readonly last?: string;
}

export interface NamePage {
  readonly names: readonly string[];
  /** Whether more follow the last name. */
  readonly more: boolean;
}

/** Refuses NAME_UNKNOWN. */
export const listTags = defineRequest<PageQuery & { readonly repository: string }, NamePage>({
  subject: 'tags.list',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 10_000,
});

export const listRepositories = defineRequest<PageQuery, NamePage>({
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
  /** The index's bytes, ready to be sent. */
  readonly index: Uint8Array;
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** Never refuses an unknown repository or digest: the page is empty then (distribution-spec end-12). */
export const listReferrers = defineRequest<ReferrersQuery, ReferrersPage>({
  subject: 'referrers.list',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 10_000,
  // A page may be as large as a manifest, and is held several times while it is made.
  limits: { concurrency: 4, queue: 1024 },
});
