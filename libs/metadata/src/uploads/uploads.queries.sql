-- insertSession
insert into
  "upload_sessions" (
    "id",
    "repository_id",
    "subject",
    "storage_key",
    "final_key",
    "writer",
    "writer_until",
    "driver_state",
    "hash_state",
    "digest_so_far",
    "expires_at"
  )
values
  (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7,
    $8,
    $9,
    $10,
    now() + make_interval(secs => $11)
  );

-- selectSession
select
  "id",
  "storage_key",
  "final_key",
  "offset",
  "driver_state",
  "hash_state",
  "digest_so_far",
  "writer_until",
  "started_at",
  "expires_at",
  coalesce(writer_until > now(), false) as "busy"
from
  "upload_sessions"
where
  "id" = $1
  and "subject" = $2
  and "repository_id" = (
    select
      "repositories"."id"
    from
      "repositories"
    where
      "name" = $3
  );

-- claimSession
update "upload_sessions"
set
  "writer" = $1,
  "writer_until" = now() + make_interval(secs => $2),
  "final_key" = coalesce(final_key, $3::text)
where
  "id" = $4
  and "subject" = $5
  and "repository_id" = (
    select
      "repositories"."id"
    from
      "repositories"
    where
      "name" = $6
  )
  and (
    writer is null
    or writer_until <= now()
    or writer = $7
  )
  and (
    final_key is null
    or $8::text is null
    or final_key = $9
  )
returning
  "id",
  "storage_key",
  "final_key",
  "offset",
  "driver_state",
  "hash_state",
  "digest_so_far",
  "writer_until",
  "started_at",
  "expires_at";

-- renewSessionLease
update "upload_sessions"
set
  "writer_until" = now() + make_interval(secs => $1)
where
  "id" = $2
  and "writer" = $3
returning
  "id";

-- saveSessionProgress
update "upload_sessions"
set
  "offset" = $1,
  "driver_state" = $2,
  "hash_state" = $3,
  "digest_so_far" = $4,
  "expires_at" = now() + make_interval(secs => $5)
where
  "id" = $6
  and "writer" = $7
returning
  "id";

-- saveSessionProgressAndRelease
update "upload_sessions"
set
  "offset" = $1,
  "driver_state" = $2,
  "hash_state" = $3,
  "digest_so_far" = $4,
  "expires_at" = now() + make_interval(secs => $5),
  "writer" = $6,
  "writer_until" = $7
where
  "id" = $8
  and "writer" = $9
returning
  "id";

-- releaseSession
update "upload_sessions"
set
  "writer" = $1,
  "writer_until" = $2
where
  "id" = $3
  and "writer" = $4
returning
  "id";

-- releaseSessionAndFinalKey
update "upload_sessions"
set
  "writer" = $1,
  "writer_until" = $2,
  "final_key" = $3
where
  "id" = $4
  and "writer" = $5
returning
  "id";

-- deleteSession
delete from "upload_sessions"
where
  "id" = $1
  and "writer" = $2
returning
  "repository_id",
  "storage_key",
  "final_key";

-- cancelSession
with
  due as (
    select
      id
    from
      upload_sessions
    where
      id = $1
      and subject = $2
      and repository_id = (
        select
          id
        from
          repositories
        where
          name = $3
      )
    for update
      skip locked
  ),
  gone as (
    delete from upload_sessions session using due
    where
      session.id = due.id
    returning
      session.id,
      session.storage_key,
      session.final_key
  ),
  trashed as (
    insert into
      blob_trash (storage_key, not_before)
    select
      key,
      now() + make_interval(secs => $4)
    from
      gone,
      unnest(array[storage_key, final_key]) as key
    where
      key is not null
  )
select
  id
from
  gone;

-- expireSessions
with
  due as (
    select
      id
    from
      upload_sessions
    where
      expires_at <= now()
      and (
        writer_until is null
        or writer_until <= now()
      )
    order by
      expires_at
    limit
      $1
    for update
      skip locked
  ),
  gone as (
    delete from upload_sessions session using due
    where
      session.id = due.id
    returning
      session.id,
      session.storage_key,
      session.final_key
  ),
  trashed as (
    insert into
      blob_trash (storage_key, not_before)
    select
      key,
      now() + make_interval(secs => $2)
    from
      gone,
      unnest(array[storage_key, final_key]) as key
    where
      key is not null
  )
select
  id
from
  gone;

-- expireSessionsWithBytes
with
  due as (
    select
      id
    from
      upload_sessions
    where
      expires_at <= now() + make_interval(secs => $1)
      and "offset" > 0
      and (
        writer_until is null
        or writer_until <= now()
      )
    order by
      expires_at
    limit
      $2
    for update
      skip locked
  ),
  gone as (
    delete from upload_sessions session using due
    where
      session.id = due.id
    returning
      session.id,
      session.storage_key,
      session.final_key
  ),
  trashed as (
    insert into
      blob_trash (storage_key, not_before)
    select
      key,
      now() + make_interval(secs => $3)
    from
      gone,
      unnest(array[storage_key, final_key]) as key
    where
      key is not null
  )
select
  id
from
  gone;

-- selectSessionKeys
select
  "storage_key"
from
  "upload_sessions"
where
  "storage_key" = any ($1::text[]);
