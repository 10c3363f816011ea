-- selectUser
select
  "id",
  "name",
  "source",
  "external_id",
  "password_hash",
  "password_once",
  "password_until",
  "disabled_at",
  "created_at",
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
  "users"
where
  "name" = $1;

-- lockUser
select
  "id"
from
  "users"
where
  "name" = $1
for update;

-- selectUserById
select
  "id",
  "name",
  "source",
  "external_id",
  "password_hash",
  "password_once",
  "password_until",
  "disabled_at",
  "created_at",
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
  "users"
where
  "id" = $1;

-- selectExternalUser
select
  "id",
  "name",
  "source",
  "external_id",
  "password_hash",
  "password_once",
  "password_until",
  "disabled_at",
  "created_at",
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
  "users"
where
  "source" = $1
  and "external_id" = $2;

-- selectUsersPage
select
  "id",
  "name",
  "source",
  "external_id",
  "password_hash",
  "password_once",
  "password_until",
  "disabled_at",
  "created_at",
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
  "users"
where
  "name" > $1
order by
  "name"
limit
  $2;

-- insertUser
insert into
  "users" (
    "name",
    "external_id",
    "password_hash",
    "password_until",
    "disabled_at"
  )
values
  ($1, $2, $3, $4, $5)
on conflict do nothing
returning
  "id";

-- updateExternalUser
update users
set
  name = $1,
  external_groups = $2::text[]
where
  id = $3
  and (name, external_groups) is distinct from ($4, $5::text[]);

-- updatePassword
update "users"
set
  "password_hash" = $1,
  "password_once" = $2,
  "password_until" = now() + make_interval(secs => $3::double precision)
where
  "id" = $4;

-- spendPassword
update "users"
set
  "password_once" = $1,
  "password_until" = least(
    password_until,
    now() + make_interval(secs => $2::double precision)
  )
where
  "id" = $3
  and "password_hash" = $4
  and "password_once" = $5;

-- updateUserDisabled
update "users"
set
  "disabled_at" = coalesce(disabled_at, now())
where
  "id" = $1;

-- deleteUser
delete from "users"
where
  "id" = $1;

-- lockAdministrators
select
  pg_advisory_xact_lock(hashtext ('longshore administrators'));

-- selectAdministratorRule
select
  name
from
  access_rules
where
  effect = 'allow'
  and 'admin' = any (actions)
order by
  id
limit
  1;

-- insertAdministratorRule
insert into
  access_rules (
    name,
    effect,
    subjects,
    actions,
    repositories,
    created_by
  )
values
  (
    $1,
    'allow',
    array[$2::text],
    '{admin,list,pull,push,overwrite,delete}',
    '{**}',
    'bootstrap'
  );

-- deleteRulesOfSubject
delete from access_rules
where
  subjects = array[$1::text];

-- removeSubjectFromRules
update access_rules
set
  subjects = array_remove(subjects, $1::text),
  updated_at = now()
where
  $2::text = any (subjects);

-- selectAccessRules
select
  name,
  effect,
  subjects,
  actions,
  repositories,
  condition
from
  access_rules
order by
  id;

-- selectRulesVersion
select
  (
    select
      md5(
        string_agg(
          r::text,
          ' '
          order by
            id
        )
      )
    from
      access_rules r
  ) as version;

-- selectAccessRule
select
  "name",
  "effect",
  "subjects",
  "actions",
  "repositories",
  "condition",
  "created_by",
  "created_at",
  "updated_at"
from
  "access_rules"
where
  "name" = $1;

-- lockAccessRule
select
  "name",
  "effect",
  "subjects",
  "actions",
  "repositories",
  "condition",
  "created_by",
  "created_at",
  "updated_at"
from
  "access_rules"
where
  "name" = $1
for update;

-- selectAccessRulesPage
select
  "name",
  "effect",
  "subjects",
  "actions",
  "repositories",
  "condition",
  "created_by",
  "created_at",
  "updated_at"
from
  "access_rules"
where
  "name" > $1
order by
  "name"
limit
  $2;

-- insertAccessRule
insert into
  "access_rules" (
    "name",
    "effect",
    "subjects",
    "actions",
    "repositories",
    "condition",
    "created_by"
  )
values
  ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning
  "id";

-- updateAccessRule
update "access_rules"
set
  "effect" = $1,
  "subjects" = $2,
  "actions" = $3,
  "repositories" = $4,
  "condition" = $5,
  "updated_at" = now()
where
  "name" = $6;

-- deleteAccessRule
delete from "access_rules"
where
  "name" = $1;

-- selectGroup
select
  "id",
  "name",
  "created_at",
  array(
    select
      users.name
    from
      group_members
      join users on users.id = user_id
    where
      group_id = groups.id
    order by
      1
  ) as "members"
from
  "groups"
where
  "name" = $1;

-- lockGroup
select
  "id"
from
  "groups"
where
  "name" = $1
for update;

-- selectGroupsPage
select
  "id",
  "name",
  "created_at",
  array(
    select
      users.name
    from
      group_members
      join users on users.id = user_id
    where
      group_id = groups.id
    order by
      1
  ) as "members"
from
  "groups"
where
  "name" > $1
order by
  "name"
limit
  $2;

-- insertGroup
insert into
  "groups" ("name")
values
  ($1)
on conflict do nothing
returning
  "id";

-- deleteGroup
delete from "groups"
where
  "id" = $1;

-- insertMember
insert into
  "group_members" ("group_id", "user_id")
values
  ($1, $2)
on conflict do nothing;

-- deleteMember
delete from "group_members"
where
  "group_id" = $1
  and "user_id" = $2;
