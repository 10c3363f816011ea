-- insertFamily
insert into
  "refresh_families" ("id", "subject", "got_with", "rotates", "ends_at")
values
  ($1, $2, $3, $4, now() + make_interval(secs => $5));

-- deleteEndedFamilies
delete from "refresh_families"
where
  ends_at < now();

-- selectFamily
select
  "rotates",
  "generation"
from
  "refresh_families"
where
  "id" = $1
  and "revoked_at" is null
  and ends_at > now();

-- lockFamily
select
  "generation",
  coalesce(
    rotated_at > now() - make_interval(secs => $1),
    false
  ) as "fresh"
from
  "refresh_families"
where
  "id" = $2
  and "revoked_at" is null
  and ends_at > now()
for update;

-- rotateFamily
update "refresh_families"
set
  "generation" = generation + 1,
  "rotated_at" = now()
where
  "id" = $1;
