-- insertBlob
insert into
  "blobs" ("digest", "size", "storage_key")
values
  ($1, $2, $3)
on conflict ("digest") do nothing
returning
  "storage_key";

-- replaceBlobObject
with
  old as materialized (
    select
      digest,
      storage_key
    from
      blobs
    where
      digest = $1
    for no key update
  ),
  replaced as (
    update blobs
    set
      storage_key = $2,
      size = $3,
      suspect_since = null,
      reread_after = null
    from
      old
    where
      blobs.digest = old.digest
  )
insert into
  blob_trash (storage_key, not_before)
select
  storage_key,
  now() + make_interval(secs => $4)
from
  old
returning
  storage_key;

-- lockBlobForReview
select
  "size"
from
  "blobs"
where
  "digest" = $1
for update
  skip locked;

-- selectBlob
select
  "storage_key"
from
  "blobs"
where
  "digest" = $1;

-- selectBlobIsLinked
select
  exists (
    select
    from
      repository_blobs
    where
      digest = $1
  ) as linked;

-- trashBlob
with
  gone as (
    delete from blobs
    where
      digest = $1
    returning
      storage_key
  )
insert into
  blob_trash (storage_key, not_before)
select
  storage_key,
  now() + make_interval(secs => $2)
from
  gone
returning
  storage_key;

-- selectBlobs
select
  "digest",
  "size",
  "storage_key"
from
  "blobs"
where
  "digest" > $1
order by
  "digest"
limit
  $2;
