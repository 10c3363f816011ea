-- selectReferrersPage
select
  "digest",
  "media_type",
  "size",
  "artifact_type",
  "annotations"
from
  "manifests"
where
  "repository_id" = $1
  and "subject_digest" = $2
  and "digest" > $3
order by
  "digest"
limit
  $4;

-- selectReferrersPage of one artifact type
select
  "digest",
  "media_type",
  "size",
  "artifact_type",
  "annotations"
from
  "manifests"
where
  "repository_id" = $1
  and "subject_digest" = $2
  and "digest" > $3
  and "artifact_type" = $4
order by
  "digest"
limit
  $5;
