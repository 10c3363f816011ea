-- upsertPerson
insert into
  "oidc_people" ("user_id", "email", "claims", "ended_at")
values
  ($1, $2, $3, $4)
on conflict ("user_id") do update
set
  "email" = "excluded"."email",
  "claims" = "excluded"."claims",
  "confirmed_at" = now(),
  "ended_at" = $5;

-- updateExternalGroups
update users
set
  external_groups = $1::text[]
where
  id = $2
  and external_groups is distinct from $3::text[];

-- endPerson
update "oidc_people"
set
  "claims" = $1,
  "ended_at" = now()
where
  "user_id" = $2;

-- selectPerson
select
  "users"."id",
  "person"."claims",
  "person"."ended_at"
from
  "users"
  inner join "oidc_people" as "person" on "person"."user_id" = "users"."id"
where
  "users"."source" = $1
  and "users"."external_id" = $2;

-- insertLogin
insert into
  "oidc_logins" (
    "id",
    "user_id",
    "provider",
    "attempt",
    "provider_session",
    "tokens",
    "is_offline",
    "is_renewable",
    "confirm_after",
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
    now() + make_interval(secs => $9),
    now() + make_interval(secs => $10)
  )
on conflict ("attempt") do nothing
returning
  "id";

-- deleteIdleLogins
delete from "oidc_logins"
where
  "user_id" = $1
  and "id" <> $2
  and not exists (
    select
      "sessions"."id"
    from
      "sessions"
    where
      "sessions"."login_id" = "oidc_logins"."id"
  );

-- claimDueLogin
update "oidc_logins"
set
  "confirm_after" = now() + make_interval(secs => $1),
  "attempts" = attempts + 1
where
  "id" = (
    select
      "id"
    from
      "oidc_logins"
    where
      "confirm_after" <= now()
      and "is_renewable" = $2
    order by
      "confirm_after"
    limit
      $3
    for update
      skip locked
  )
returning
  "id",
  "provider",
  "tokens",
  "attempts",
  (
    select
      "users"."external_id"
    from
      "users"
    where
      "users"."id" = "oidc_logins"."user_id"
  ) as "external_id";

-- confirmLoginRow
update "oidc_logins"
set
  "tokens" = $1,
  "confirmed_at" = now(),
  "confirm_after" = now() + make_interval(secs => $2),
  "attempts" = $3
where
  "id" = $4
returning
  "user_id";

-- postponeLogin
update "oidc_logins"
set
  "confirm_after" = now() + make_interval(secs => $1)
where
  "id" = $2;

-- deleteLogin
delete from "oidc_logins"
where
  "id" = $1
returning
  "user_id",
  "is_offline";

-- deleteLoginsOf
delete from "oidc_logins"
where
  "user_id" = $1
returning
  "id";

-- deleteExpiredLogins
delete from "oidc_logins"
where
  "expires_at" <= now();

-- insertSession
insert into
  "sessions" (
    "id",
    "login_id",
    "kind",
    "secret_hash",
    "device",
    "expires_at"
  )
values
  (
    $1,
    $2,
    $3,
    $4,
    $5,
    now() + make_interval(secs => $6)
  );

-- selectSessionByHash
select
  "sessions"."id",
  "sessions"."login_id",
  "sessions"."kind",
  "sessions"."device",
  "sessions"."created_at",
  "sessions"."expires_at",
  "login"."user_id",
  "login"."provider",
  "login"."tokens",
  "login"."confirmed_at",
  "users"."name" as "user_name",
  "person"."email",
  "person"."claims",
  array(
    select
      groups.name
    from
      group_members
      join groups on groups.id = group_id
    where
      user_id = users.id
    union
    select
      unnest(external_groups)
    order by
      1
  ) as "groups"
from
  "sessions"
  inner join "oidc_logins" as "login" on "login"."id" = "sessions"."login_id"
  inner join "oidc_people" as "person" on "person"."user_id" = "login"."user_id"
  inner join "users" on "users"."id" = "login"."user_id"
where
  "sessions"."expires_at" > now()
  and "login"."expires_at" > now()
  and "person"."ended_at" is null
  and "users"."disabled_at" is null
  and "login"."confirmed_at" > now() - make_interval(secs => $1)
  and "sessions"."secret_hash" = $2;

-- selectSessionById
select
  "sessions"."id",
  "sessions"."login_id",
  "sessions"."kind",
  "sessions"."device",
  "sessions"."created_at",
  "sessions"."expires_at",
  "login"."user_id",
  "login"."provider",
  "login"."tokens",
  "login"."confirmed_at",
  "users"."name" as "user_name",
  "person"."email",
  "person"."claims",
  array(
    select
      groups.name
    from
      group_members
      join groups on groups.id = group_id
    where
      user_id = users.id
    union
    select
      unnest(external_groups)
    order by
      1
  ) as "groups"
from
  "sessions"
  inner join "oidc_logins" as "login" on "login"."id" = "sessions"."login_id"
  inner join "oidc_people" as "person" on "person"."user_id" = "login"."user_id"
  inner join "users" on "users"."id" = "login"."user_id"
where
  "sessions"."expires_at" > now()
  and "login"."expires_at" > now()
  and "person"."ended_at" is null
  and "users"."disabled_at" is null
  and "login"."confirmed_at" > now() - make_interval(secs => $1)
  and "sessions"."id" = $2;

-- selectSessionsOf
select
  "sessions"."id",
  "sessions"."login_id",
  "sessions"."kind",
  "sessions"."device",
  "sessions"."created_at",
  "sessions"."expires_at",
  "login"."user_id",
  "login"."provider",
  "login"."tokens",
  "login"."confirmed_at",
  "users"."name" as "user_name",
  "person"."email",
  "person"."claims",
  array(
    select
      groups.name
    from
      group_members
      join groups on groups.id = group_id
    where
      user_id = users.id
    union
    select
      unnest(external_groups)
    order by
      1
  ) as "groups"
from
  "sessions"
  inner join "oidc_logins" as "login" on "login"."id" = "sessions"."login_id"
  inner join "oidc_people" as "person" on "person"."user_id" = "login"."user_id"
  inner join "users" on "users"."id" = "login"."user_id"
where
  "sessions"."expires_at" > now()
  and "login"."expires_at" > now()
  and "person"."ended_at" is null
  and "users"."disabled_at" is null
  and "login"."confirmed_at" > now() - make_interval(secs => $1)
  and "login"."user_id" = $2
order by
  "sessions"."created_at"
limit
  $3;

-- selectSessionsPage
select
  "sessions"."id",
  "sessions"."login_id",
  "sessions"."kind",
  "sessions"."device",
  "sessions"."created_at",
  "sessions"."expires_at",
  "login"."user_id",
  "login"."provider",
  "login"."tokens",
  "login"."confirmed_at",
  "users"."name" as "user_name",
  "person"."email",
  "person"."claims",
  array(
    select
      groups.name
    from
      group_members
      join groups on groups.id = group_id
    where
      user_id = users.id
    union
    select
      unnest(external_groups)
    order by
      1
  ) as "groups"
from
  "sessions"
  inner join "oidc_logins" as "login" on "login"."id" = "sessions"."login_id"
  inner join "oidc_people" as "person" on "person"."user_id" = "login"."user_id"
  inner join "users" on "users"."id" = "login"."user_id"
where
  "sessions"."expires_at" > now()
  and "login"."expires_at" > now()
  and "person"."ended_at" is null
  and "users"."disabled_at" is null
  and "login"."confirmed_at" > now() - make_interval(secs => $1)
  and "sessions"."id" > $2
  and (
    $3::text is null
    or users.name = $4
  )
order by
  "sessions"."id"
limit
  $5;

-- lockSession
select
  "sessions"."id",
  "sessions"."kind",
  "sessions"."device",
  "sessions"."created_at",
  "sessions"."expires_at",
  "login"."provider",
  "users"."name" as "user_name"
from
  "sessions"
  inner join "oidc_logins" as "login" on "login"."id" = "sessions"."login_id"
  inner join "users" on "users"."id" = "login"."user_id"
where
  "sessions"."id" = $1
for update of
  "sessions";

-- lockSessionByAnyHash
select
  "id",
  "secret_hash",
  "rotated_at",
  rotated_at > now() - interval '60 seconds' as "is_recent"
from
  "sessions"
where
  (
    "secret_hash" = $1
    or "previous_hash" = $2
  )
  and "kind" = $3
for update;

-- rotateSessionRow
update "sessions"
set
  "secret_hash" = $1,
  "previous_hash" = $2,
  "rotated_at" = now()
where
  "id" = $3;

-- deleteSession
delete from "sessions"
where
  "id" = $1
returning
  "login_id";

-- deleteProviderSession
delete from "sessions" using "oidc_logins" as "login"
where
  "login"."id" = "sessions"."login_id"
  and "login"."provider" = $1
  and "login"."provider_session" = $2
  and (
    "sessions"."kind" = $3
    or "login"."is_offline" = $4
  )
returning
  "sessions"."id";

-- deleteExpiredSessions
delete from "sessions"
where
  "expires_at" <= now();

-- countDevices
select
  (
    select
      count(*)::integer as "count"
    from
      "device_codes"
    where
      "address" = $1
  ) as "of_address",
  (
    select
      count(*)::integer as "count"
    from
      (
        select
          "hash"
        from
          "device_codes"
        limit
          $2
      ) as "some"
  ) as "of_all";

-- insertDeviceCode
insert into
  "device_codes" (
    "hash",
    "user_code",
    "device",
    "address",
    "login_id",
    "expires_at"
  )
values
  (
    $1,
    $2,
    $3,
    $4,
    $5,
    now() + make_interval(secs => $6)
  )
on conflict ("user_code") do nothing
returning
  "user_code";

-- selectPendingDevice
select
  "device",
  "address",
  "user_code"
from
  "device_codes"
where
  "user_code" = $1
  and "state" = $2
  and "expires_at" > now();

-- decideDevice
update "device_codes"
set
  "state" = $1,
  "login_id" = $2
where
  "user_code" = $3
  and "state" = $4
  and "expires_at" > now()
returning
  "device";

-- lockDevice
select
  "state",
  "login_id",
  "device",
  expires_at <= now() as "is_expired",
  poll_after > now() as "is_early"
from
  "device_codes"
where
  "hash" = $1
for update;

-- delayDevice
update "device_codes"
set
  "poll_after" = now() + make_interval(secs => $1)
where
  "hash" = $2;

-- deleteDevice
delete from "device_codes"
where
  "hash" = $1;

-- deleteExpiredDevices
delete from "device_codes"
where
  "expires_at" <= now();
