-- pointTags
insert into
  tags as tag (repository_id, name, manifest_id)
select
  $1,
  name,
  $2
from
  (
    select distinct
      unnest($3::text[]) collate "C" as name
  ) pointed
order by
  name
on conflict (repository_id, name) do update
set
  manifest_id = excluded.manifest_id,
  previous_manifest_id = tag.manifest_id,
  pushed_at = now()
returning
  name,
  previous_manifest_id as previous;

-- lockTagsOfManifest
select
  "name"
from
  "tags"
where
  "manifest_id" = $1
order by
  "name"
for update;

-- deleteTagsOfManifest
delete from "tags"
where
  "manifest_id" = $1
returning
  "name";

-- deleteTagByName
delete from "tags"
where
  "repository_id" = $1
  and "name" = $2
returning
  "manifest_id";

-- selectTagPage
select
  "name"
from
  "tags"
where
  "repository_id" = $1
  and "name" > $2
order by
  "name"
limit
  $3;
