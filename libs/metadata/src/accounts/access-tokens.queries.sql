-- selectRobot
select
  "id",
  "name",
  "description",
  "disabled_at",
  "created_at"
from
  "robots"
where
  "name" = $1;

-- lockRobot
select
  "id",
  "name",
  "description",
  "disabled_at",
  "created_at"
from
  "robots"
where
  "name" = $1
for update;

-- selectRobotsPage
select
  "id",
  "name",
  "description",
  "disabled_at",
  "created_at"
from
  "robots"
where
  "name" > $1
order by
  "name"
limit
  $2;

-- insertRobot
insert into
  "robots" ("name", "description", "disabled_at")
values
  ($1, $2, $3)
on conflict do nothing
returning
  "id";

-- updateRobotDisabled
update "robots"
set
  "disabled_at" = coalesce(disabled_at, now())
where
  "id" = $1;

-- deleteRobot
delete from "robots"
where
  "id" = $1;

-- insertAccessToken
insert into
  "access_tokens" (
    "id",
    "hash",
    "user_id",
    "robot_id",
    "name",
    "limits",
    "expires_at",
    "last_used_at"
  )
values
  ($1, $2, $3, $4, $5, $6, $7, $8);

-- selectAccessTokensPage
select
  "token"."id",
  "token"."name",
  "token"."limits",
  "token"."created_at",
  "token"."expires_at",
  "token"."last_used_at",
  "users"."name" as "user",
  "robots"."name" as "robot"
from
  "access_tokens" as "token"
  left join "users" on "users"."id" = "token"."user_id"
  left join "robots" on "robots"."id" = "token"."robot_id"
where
  "token"."id" > $1
  and (
    $2::text is null
    or users.name = $3
  )
  and (
    $4::text is null
    or robots.name = $5
  )
order by
  "token"."id"
limit
  $6;

-- selectAccessToken
select
  "token"."id",
  "token"."name",
  "token"."limits",
  "token"."created_at",
  "token"."expires_at",
  "token"."last_used_at",
  "users"."name" as "user",
  "robots"."name" as "robot"
from
  "access_tokens" as "token"
  left join "users" on "users"."id" = "token"."user_id"
  left join "robots" on "robots"."id" = "token"."robot_id"
where
  "token"."id" = $1;

-- lockAccessToken
select
  "id"
from
  "access_tokens"
where
  "id" = $1
for update;

-- deleteAccessToken
delete from "access_tokens"
where
  "id" = $1;

-- selectTokenOwner
select
  token.id,
  token.limits,
  token.expires_at,
  users.name as "user",
  users.source,
  users.external_id,
  robots.name as robot,
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
  ) as groups
from
  access_tokens token
  left join users on users.id = token.user_id
  left join robots on robots.id = token.robot_id
where
  hash = $1
  and (
    expires_at is null
    or expires_at > now()
  )
  and users.disabled_at is null
  and robots.disabled_at is null;

-- updateLastUses
update access_tokens
set
  last_used_at = used.at
from
  unnest($1::uuid[], $2::timestamptz[]) as used (id, at)
where
  access_tokens.id = used.id
  and (
    last_used_at is null
    or last_used_at < used.at
  );
