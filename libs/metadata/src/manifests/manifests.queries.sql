-- lockLinks
select
  link.digest,
  blob.suspect_since is not null as suspect
from
  repository_blobs link
  join blobs blob on blob.digest = link.digest
where
  link.repository_id = $1
  and link.digest = any ($2::bytea[])
order by
  link.digest
for key share of
  link;

-- lockChildren
select
  id,
  digest
from
  manifests
where
  repository_id = $1
  and digest = any ($2::bytea[])
order by
  id
for key share;

-- upsertManifest
insert into
  manifests (
    repository_id,
    digest,
    media_type,
    artifact_type,
    subject_digest,
    annotations,
    size,
    payload,
    ever_tagged
  )
values
  ($1, $2, $3, $4, $5, $6::json, $7, $8, $9)
on conflict (repository_id, digest) do update
set
  pushed_at = now(),
  ever_tagged = manifests.ever_tagged
  or excluded.ever_tagged
returning
  id,
  xmax = 0 as created;

-- insertAbsentReferences
insert into
  manifest_absent_references (parent_id, repository_id, digest)
select
  $1,
  $2,
  digest
from
  (
    select distinct
      unnest($3::bytea[]) as digest
  ) edge
order by
  digest
on conflict do nothing;

-- insertManifestBlobs
insert into
  manifest_blobs (manifest_id, repository_id, digest)
select
  $1,
  $2,
  digest
from
  (
    select distinct
      unnest($3::bytea[]) as digest
  ) edge
order by
  digest
on conflict do nothing;

-- insertManifestChildren
insert into
  manifest_children (parent_id, child_id)
select
  $1,
  id
from
  (
    select distinct
      unnest($2::bigint[]) as id
  ) edge
order by
  id
on conflict do nothing;

-- selectManifestDigests
select
  "id",
  "digest"
from
  "manifests"
where
  id = any ($1::bigint[]);

-- lockManifestForDelete
select
  "id",
  "media_type",
  "size",
  "digest",
  "repository_id",
  "subject_digest"
from
  "manifests"
where
  "repository_id" = $1
  and "digest" = $2
for update;

-- selectManifestIsChild
select
  exists (
    select
    from
      manifest_children
    where
      child_id = $1
  ) as child;

-- detachChild
delete from "manifest_children"
where
  "child_id" = $1;

-- selectChildIds
select
  child_id
from
  manifest_children
where
  parent_id = $1
union
select
  manifest.id
from
  manifest_absent_references listed
  join manifests manifest on manifest.repository_id = listed.repository_id
  and manifest.digest = listed.digest
where
  listed.parent_id = $2;

-- selectManifestBlobs
select
  digest
from
  manifest_blobs
where
  manifest_id = $1
union
select
  digest
from
  manifest_absent_references
where
  parent_id = $2;

-- deleteManifestRow
delete from "manifests"
where
  "id" = $1;

-- lockManifestForReview
select
  "id",
  "repository_id",
  "digest",
  "subject_digest",
  "media_type",
  "size",
  "ever_tagged",
  pushed_at > now() - make_interval(secs => $1) as "fresh",
  extract(
    epoch
    from
      pushed_at - now()
  )::float8 + $2::float8 as "fresh_seconds"
from
  "manifests"
where
  "id" = $3
for update
  skip locked;

-- selectManifestIsThere
select
  "id"
from
  "manifests"
where
  "id" = $1;

-- selectManifestIsNeeded
select
  exists (
    select
    from
      tags
    where
      manifest_id = $1
  )
  or exists (
    select
    from
      manifest_children
    where
      child_id = $2
  ) as needed,
  exists (
    select
    from
      manifests manifest
      join manifest_absent_references listed on listed.repository_id = manifest.repository_id
      and listed.digest = manifest.digest
    where
      manifest.id = $3
  ) as listed,
  (
    select
      extract(
        epoch
        from
          now() - pulled_at
      )::float8
    from
      manifest_pulls
    where
      manifest_id = $4
  ) as pulled_seconds;

-- lockSubject
select
  "id"
from
  "manifests"
where
  "repository_id" = $1
  and "digest" = $2
for key share
  skip locked;

-- lockListing
select
  "parent"."id"
from
  "manifest_absent_references" as "listed"
  inner join "manifests" as "parent" on "parent"."id" = "listed"."parent_id"
where
  "listed"."repository_id" = $1
  and "listed"."digest" = $2
limit
  $3
for key share of
  "parent" skip locked;

-- selectManifest
select
  "id",
  "digest",
  "media_type",
  "size"
from
  "manifests"
where
  "repository_id" = $1
  and "digest" = $2;

-- selectManifestByTag
select
  "manifests"."id",
  "manifests"."digest",
  "manifests"."media_type",
  "manifests"."size"
from
  "tags"
  inner join "manifests" on "manifests"."id" = "tags"."manifest_id"
where
  "tags"."repository_id" = $1
  and "tags"."name" = $2;
