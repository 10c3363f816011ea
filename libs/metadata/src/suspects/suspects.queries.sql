-- markSuspect
update "blobs"
set
  "suspect_since" = now(),
  "reread_after" = now()
where
  "digest" = $1
  and "storage_key" = $2
  and "suspect_since" is null
returning
  "digest";

-- claimDueSuspect
update blobs
set
  reread_after = now() + greatest(make_interval(secs => $1), now() - suspect_since)
where
  digest in (
    select
      digest
    from
      blobs
    where
      suspect_since is not null
      and reread_after <= now()
    order by
      reread_after
    limit
      1
    for no key update
      skip locked
  )
returning
  digest,
  size,
  storage_key,
  suspect_since;

-- unmarkSuspect
update "blobs"
set
  "suspect_since" = $1,
  "reread_after" = $2
where
  "digest" = $3
  and "storage_key" = $4
  and "suspect_since" is not null
returning
  "digest";
