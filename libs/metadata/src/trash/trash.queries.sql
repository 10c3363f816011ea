-- claimDueTrash
update blob_trash
set
  not_before = now() + make_interval(secs => $1),
  attempts = attempts + 1
where
  storage_key in (
    select
      storage_key
    from
      blob_trash
    where
      not_before <= now()
    order by
      not_before
    limit
      $2
    for update
      skip locked
  )
returning
  storage_key,
  attempts;

-- deleteTrash
delete from blob_trash
where
  storage_key = any ($1::text[]);
