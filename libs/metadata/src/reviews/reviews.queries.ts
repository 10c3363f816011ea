import { sql } from 'kysely';

/*
 * Every enqueue is an upsert to now + grace, never earlier. The rows of one statement are ordered, and statements come in one order too (manifests,
 * then links), so two transactions never deadlock.
 */

export const enqueueManifestReviews = (ids: readonly number[], grace: number) => sql`
  insert into gc_manifest_queue as queue (manifest_id, review_after)
  select id, now() + make_interval(secs => ${grace})
  from (select distinct unnest(${ids}::bigint[]) as id) lost
  order by id
  on conflict (manifest_id) do update set
    review_after = greatest(queue.review_after, excluded.review_after), enqueued_at = now(), attempts = 0`;

export interface LostManifest {
  readonly repository: number;
  readonly digest: Buffer;
  readonly children: readonly number[];
  readonly grace: number;
}

/** Runs after a manifest was deleted: enqueues its children, and the referrers that this statement sees. */
export const enqueueLostManifestReviews = ({ repository, digest, children, grace }: LostManifest) => sql`
  insert into gc_manifest_queue as queue (manifest_id, review_after)
  select id, now() + make_interval(secs => ${grace})
  from (
    select unnest(${children}::bigint[]) as id
    union
    select id from manifests where repository_id = ${repository} and subject_digest = ${digest}
  ) lost
  order by id
  on conflict (manifest_id) do update set
    review_after = greatest(queue.review_after, excluded.review_after), enqueued_at = now(), attempts = 0`;

/**
 * Runs after gc.untagged was turned on: enqueues manifests that were kept because they were tagged or pulled once, since their earlier reviews are
 * over. Pages by id.
 */
export const enqueueUntaggedReviews = (after: number, grace: number, limit: number) => sql<{
  manifest_id: number;
}>`
  insert into gc_manifest_queue (manifest_id, review_after)
  select id, now() + make_interval(secs => ${grace})
  from manifests manifest
  where id > ${after}
    and (ever_tagged
      or subject_digest is null and exists (select from manifest_pulls pull where pull.manifest_id = manifest.id))
    and not exists (select from tags tag where tag.manifest_id = manifest.id)
    and not exists (select from manifest_children edge where edge.child_id = manifest.id)
    and not exists (select from gc_manifest_queue review where review.manifest_id = manifest.id)
  order by id limit ${limit}
  on conflict (manifest_id) do nothing
  returning manifest_id`;

export const enqueueLinkReviews = (repository: number, digests: readonly Buffer[], grace: number) => sql`
  insert into gc_link_queue as queue (repository_id, digest, review_after)
  select ${repository}, digest, now() + make_interval(secs => ${grace})
  from (select distinct unnest(${digests}::bytea[]) as digest) lost
  order by digest
  on conflict (repository_id, digest) do update set
    review_after = greatest(queue.review_after, excluded.review_after), attempts = 0`;

export const enqueueBlobReview = (digest: Buffer, grace: number) => sql`
  insert into gc_blob_queue as queue (digest, review_after)
  values (${digest}, now() + make_interval(secs => ${grace}))
  on conflict (digest) do update set
    review_after = greatest(queue.review_after, excluded.review_after), attempts = 0`;

export const claimLinkReview = sql<{ repository_id: number; digest: Buffer }>`
  select repository_id, digest from gc_link_queue
  where review_after <= now()
  order by review_after limit 1
  for update skip locked`;

export const claimBlobReview = sql<{ digest: Buffer }>`
  select digest from gc_blob_queue
  where review_after <= now()
  order by review_after limit 1
  for update skip locked`;

/** `enqueued_seconds`: time since the manifest last lost a reference. */
export const claimManifestReview = sql<{ manifest_id: number; enqueued_seconds: number }>`
  select manifest_id, extract(epoch from now() - enqueued_at)::float8 as enqueued_seconds from gc_manifest_queue
  where review_after <= now()
  order by review_after limit 1
  for update skip locked`;

export const postponeLinkReview = (repository: number, digest: Buffer, seconds: number) => sql`
  update gc_link_queue set review_after = now() + make_interval(secs => ${seconds}), attempts = attempts + 1
  where repository_id = ${repository} and digest = ${digest}`;

export const postponeBlobReview = (digest: Buffer, seconds: number) => sql`
  update gc_blob_queue set review_after = now() + make_interval(secs => ${seconds}), attempts = attempts + 1
  where digest = ${digest}`;

export const postponeManifestReview = (id: number, seconds: number) => sql`
  update gc_manifest_queue set review_after = now() + make_interval(secs => ${seconds}), attempts = attempts + 1
  where manifest_id = ${id}`;

export const dequeueLinkReview = (repository: number, digest: Buffer) => sql`
  delete from gc_link_queue where repository_id = ${repository} and digest = ${digest}`;

export const dequeueBlobReview = (digest: Buffer) => sql`
  delete from gc_blob_queue where digest = ${digest}`;

export const dequeueManifestReview = (id: number) => sql`
  delete from gc_manifest_queue where manifest_id = ${id}`;

/** HEAD with push scope postpones a review that is near. No rows means nothing was near. */
export const putOffLinkReview = (repository: number, digest: Buffer, grace: number) => sql`
  update gc_link_queue set review_after = greatest(review_after, now() + make_interval(secs => ${grace}))
  where repository_id = ${repository} and digest = ${digest} and review_after < now() + interval '1 hour'`;

export const putOffManifestReview = (id: number, grace: number) => sql`
  update gc_manifest_queue set review_after = greatest(review_after, now() + make_interval(secs => ${grace}))
  where manifest_id = ${id} and review_after < now() + interval '1 hour'`;
