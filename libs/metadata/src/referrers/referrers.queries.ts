import { sql } from 'kysely';

export interface ReferrersKey {
  readonly repository: number;
  readonly subject: Buffer;
  /** Every digest sorts after the empty one. */
  readonly after: Buffer;
  readonly artifactType: string | undefined;
  readonly limit: number;
  readonly bytes: number;
}

export interface ReferrerRow {
  readonly digest: Buffer;
  readonly media_type: string;
  readonly size: number;
  readonly artifact_type: string | null;
  readonly annotations: Readonly<Record<string, string>> | null;
  /** True if the row fits into the page's bytes with the rows before it. The first row always fits. */
  readonly fits: boolean;
}

/**
 * Reads annotations only for rows that fit. A manifest contains its annotations, so its size bounds theirs, and no annotation has to be read to apply
 * the limit.
 */
export const selectReferrersPage = (key: ReferrersKey) => {
  const { repository, subject, after, artifactType, limit, bytes } = key;
  const filter = artifactType === undefined ? sql`` : sql`and artifact_type = ${artifactType}`;
  return sql<ReferrerRow>`
  select digest, media_type, size, artifact_type, fits, case when fits then annotations end as annotations
  from (
    select digest, media_type, size, artifact_type, annotations, coalesce(
      sum(size) over (order by digest rows between unbounded preceding and 1 preceding) + size <= ${bytes}::bigint, true
    ) as fits
    from manifests
    where repository_id = ${repository} and subject_digest = ${subject} and digest > ${after} ${filter}
    order by digest limit ${limit}
  ) page
  order by digest`;
};
