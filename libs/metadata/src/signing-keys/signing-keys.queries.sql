-- lockSigningKeys
select
  pg_advisory_xact_lock(hashtext ('longshore signing_keys'));

-- selectSigningKeys
select
  "kid",
  "public_jwk",
  "private_key",
  "created_at",
  "retired_at",
  "signs_from",
  "replace_from"
from
  "signing_keys"
order by
  "created_at" desc,
  "kid";

-- insertSigningKey
insert into
  "signing_keys" (
    "kid",
    "public_jwk",
    "private_key",
    "retired_at",
    "signs_from"
  )
values
  ($1, $2, $3, $4, $5);

-- retireSigningKeyRow
update "signing_keys"
set
  "retired_at" = now()
where
  "kid" = $1
  and "retired_at" is null;

-- demandSuccessor
update "signing_keys"
set
  "replace_from" = least(replace_from, now() + make_interval(secs => $1))
where
  "retired_at" is null
returning
  "kid";

-- deleteSigningKey
delete from "signing_keys"
where
  "kid" = $1
returning
  "kid";

-- deleteSigningKeys
delete from "signing_keys"
where
  retired_at < now() - make_interval(secs => $1)
returning
  "kid";
