-- selectReferrersPage
select
  digest,
  media_type,
  size,
  artifact_type,
  fits,
  case
    when fits then annotations
  end as annotations
from
  (
    select
      digest,
      media_type,
      size,
      artifact_type,
      annotations,
      coalesce(
        sum(size) over (
          order by
            digest rows between unbounded preceding
            and 1 preceding
        ) + size <= $1::bigint,
        true
      ) as fits
    from
      manifests
    where
      repository_id = $2
      and subject_digest = $3
      and digest > $4
    order by
      digest
    limit
      $5
  ) page
order by
  digest;

-- selectReferrersPage of one artifact type
select
  digest,
  media_type,
  size,
  artifact_type,
  fits,
  case
    when fits then annotations
  end as annotations
from
  (
    select
      digest,
      media_type,
      size,
      artifact_type,
      annotations,
      coalesce(
        sum(size) over (
          order by
            digest rows between unbounded preceding
            and 1 preceding
        ) + size <= $1::bigint,
        true
      ) as fits
    from
      manifests
    where
      repository_id = $2
      and subject_digest = $3
      and digest > $4
      and artifact_type = $5
    order by
      digest
    limit
      $6
  ) page
order by
  digest;
