-- insertLink
insert into
  "repository_blobs" ("repository_id", "digest")
values
  ($1, $2)
on conflict ("repository_id", "digest") do nothing
returning
  "linked_at";

-- lockLink
select
  linked_at > now() - make_interval(secs => $1) as "young"
from
  "repository_blobs"
where
  "repository_id" = $2
  and "digest" = $3
for key share;

-- refreshLink
update "repository_blobs"
set
  "linked_at" = now()
where
  "repository_id" = $1
  and "digest" = $2;

-- selectLinkIsReferenced
select
  exists (
    select
    from
      manifest_blobs
    where
      repository_id = $1
      and digest = $2
  )
  or exists (
    select
    from
      manifest_absent_references
    where
      repository_id = $3
      and digest = $4
  ) as referenced;

-- lockLinkForDelete
select
  "digest"
from
  "repository_blobs"
where
  "repository_id" = $1
  and "digest" = $2
for update;

-- lockLinkForReview
select
  linked_at > now() - make_interval(secs => $1) as "fresh",
  extract(
    epoch
    from
      linked_at - now()
  )::float8 + $2::float8 as "fresh_seconds"
from
  "repository_blobs"
where
  "repository_id" = $3
  and "digest" = $4
for update
  skip locked;

-- selectLink
select
  "blobs"."size",
  "blobs"."storage_key",
  blobs.suspect_since is not null as "suspect"
from
  "repository_blobs"
  inner join "blobs" on "blobs"."digest" = "repository_blobs"."digest"
where
  "repository_blobs"."repository_id" = $1
  and "repository_blobs"."digest" = $2;

-- deleteLink
delete from "repository_blobs"
where
  "repository_id" = $1
  and "digest" = $2;

-- lockSourceLink
select
  repositories.name
from
  repository_blobs
  join repositories on repositories.id = repository_blobs.repository_id
  join blobs on blobs.digest = repository_blobs.digest
  and blobs.suspect_since is null
where
  repository_blobs.digest = $1
  and repositories.name = any ($2::text[])
order by
  repository_blobs.repository_id
limit
  1
for key share of
  repository_blobs;

-- selectSourceNames
select
  "repositories"."name"
from
  "repository_blobs"
  inner join "repositories" on "repositories"."id" = "repository_blobs"."repository_id"
where
  "repository_blobs"."digest" = $1
order by
  "repository_blobs"."repository_id"
limit
  $2;
