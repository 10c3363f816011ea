-- insertEvents
insert into
  outbox (id, data, trace)
select
  *
from
  unnest($1::uuid[], $2::json[], $3::text[]);

-- claimDueEvents
update outbox
set
  claimed_until = now() + make_interval(secs => $1)
where
  id in (
    select
      id
    from
      outbox
    where
      claimed_until is null
      or claimed_until < now()
    order by
      id
    limit
      $2
    for update
      skip locked
  )
returning
  id,
  data;

-- deleteEventsById
delete from "outbox"
where
  id = any ($1::uuid[]);

-- selectOutboxDepth
select
  count(*) as "events",
  coalesce(
    extract(
      epoch
      from
        now() - min(created_at)
    ),
    0
  )::float8 as "oldest_seconds"
from
  "outbox";
