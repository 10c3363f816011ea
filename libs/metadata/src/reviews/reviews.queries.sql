-- enqueueManifestReviews
insert into
  gc_manifest_queue as queue (manifest_id, review_after)
select
  id,
  now() + make_interval(secs => $1)
from
  (
    select distinct
      unnest($2::bigint[]) as id
  ) lost
order by
  id
on conflict (manifest_id) do update
set
  review_after = greatest(queue.review_after, excluded.review_after),
  enqueued_at = now(),
  attempts = 0;

-- enqueueLostManifestReviews
insert into
  gc_manifest_queue as queue (manifest_id, review_after)
select
  id,
  now() + make_interval(secs => $1)
from
  (
    select
      unnest($2::bigint[]) as id
    union
    select
      id
    from
      manifests
    where
      repository_id = $3
      and subject_digest = $4
  ) lost
order by
  id
on conflict (manifest_id) do update
set
  review_after = greatest(queue.review_after, excluded.review_after),
  enqueued_at = now(),
  attempts = 0;

-- enqueueUntaggedReviews
insert into
  gc_manifest_queue (manifest_id, review_after)
select
  id,
  now() + make_interval(secs => $1)
from
  manifests manifest
where
  id > $2
  and (
    ever_tagged
    or subject_digest is null
    and exists (
      select
      from
        manifest_pulls pull
      where
        pull.manifest_id = manifest.id
    )
  )
  and not exists (
    select
    from
      tags tag
    where
      tag.manifest_id = manifest.id
  )
  and not exists (
    select
    from
      manifest_children edge
    where
      edge.child_id = manifest.id
  )
  and not exists (
    select
    from
      gc_manifest_queue review
    where
      review.manifest_id = manifest.id
  )
order by
  id
limit
  $3
on conflict (manifest_id) do nothing
returning
  manifest_id;

-- enqueueLinkReviews
insert into
  gc_link_queue as queue (repository_id, digest, review_after)
select
  $1,
  digest,
  now() + make_interval(secs => $2)
from
  (
    select distinct
      unnest($3::bytea[]) as digest
  ) lost
order by
  digest
on conflict (repository_id, digest) do update
set
  review_after = greatest(queue.review_after, excluded.review_after),
  attempts = 0;

-- enqueueBlobReview
insert into
  gc_blob_queue as queue (digest, review_after)
values
  ($1, now() + make_interval(secs => $2))
on conflict (digest) do update
set
  review_after = greatest(queue.review_after, excluded.review_after),
  attempts = 0;

-- claimManifestReview
select
  manifest_id,
  extract(
    epoch
    from
      now() - enqueued_at
  )::float8 as enqueued_seconds
from
  gc_manifest_queue
where
  review_after <= now()
order by
  review_after
limit
  1
for update
  skip locked;

-- claimLinkReview
select
  repository_id,
  digest
from
  gc_link_queue
where
  review_after <= now()
order by
  review_after
limit
  1
for update
  skip locked;

-- claimBlobReview
select
  digest
from
  gc_blob_queue
where
  review_after <= now()
order by
  review_after
limit
  1
for update
  skip locked;

-- postponeManifestReview
update gc_manifest_queue
set
  review_after = now() + make_interval(secs => $1),
  attempts = attempts + 1
where
  manifest_id = $2;

-- postponeLinkReview
update gc_link_queue
set
  review_after = now() + make_interval(secs => $1),
  attempts = attempts + 1
where
  repository_id = $2
  and digest = $3;

-- postponeBlobReview
update gc_blob_queue
set
  review_after = now() + make_interval(secs => $1),
  attempts = attempts + 1
where
  digest = $2;

-- dequeueManifestReview
delete from gc_manifest_queue
where
  manifest_id = $1;

-- dequeueLinkReview
delete from gc_link_queue
where
  repository_id = $1
  and digest = $2;

-- dequeueBlobReview
delete from gc_blob_queue
where
  digest = $1;

-- putOffManifestReview
update gc_manifest_queue
set
  review_after = greatest(review_after, now() + make_interval(secs => $1))
where
  manifest_id = $2
  and review_after < now() + interval '1 hour';

-- putOffLinkReview
update gc_link_queue
set
  review_after = greatest(review_after, now() + make_interval(secs => $1))
where
  repository_id = $2
  and digest = $3
  and review_after < now() + interval '1 hour';
