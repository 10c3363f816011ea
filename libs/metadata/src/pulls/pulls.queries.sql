-- upsertPulls
insert into
  manifest_pulls as pull (manifest_id, pulled_at)
select
  id,
  now()
from
  manifests
where
  id = any ($1::bigint[])
order by
  id
for key share
on conflict (manifest_id) do update
set
  pulled_at = now()
where
  pull.pulled_at <= now() - make_interval(secs => $2)
returning
  manifest_id;
