-- insertEntries
insert into
  audit_log
select
  given.*
from
  jsonb_populate_recordset(null::audit_log, $1::jsonb) as given
on conflict do nothing;

-- selectEntries
select
  *
from
  "audit_log"
order by
  "at" desc,
  "id" desc
limit
  $1;

-- selectEntriesOf
select
  *
from
  "audit_log"
where
  "at" >= $1
  and "at" < $2
  and "actor" = $3
  and "repository" = $4
  and (at, id) < ($5::timestamptz, $6::uuid)
order by
  "at" desc,
  "id" desc
limit
  $7;

-- deleteOldEntries
delete from audit_log
where
  (at, id) in (
    select
      at,
      id
    from
      audit_log
    where
      at < now() - make_interval(secs => $1)
    order by
      at,
      id
    limit
      $2
  );
