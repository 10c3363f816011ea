-- upsertMarks
insert into
  credential_marks (kind, name, keeps, before, ends_at)
select
  kind,
  name,
  keeps,
  clock_timestamp(),
  clock_timestamp() + make_interval(secs => $1)
from
  unnest($2::text[], $3::text[], $4::text[]) as given (kind, name, keeps)
on conflict (kind, name) do update
set
  keeps = excluded.keeps,
  before = excluded.before,
  ends_at = excluded.ends_at,
  written_by = pg_current_xact_id();

-- selectHorizon
select
  pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
  (
    select
      md5(
        string_agg(
          kid,
          ' '
          order by
            kid
        )
      )
    from
      signing_keys
  ) as keys,
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
  ) as rules;

-- selectMarks
select
  kind,
  name,
  keeps,
  before,
  written_by::text as written_by
from
  credential_marks
where
  written_by >= $1::text::xid8
  and ends_at > now()
  and (written_by, kind, name) > ($2::text::xid8, $3, $4)
order by
  written_by,
  kind,
  name
limit
  $5;

-- deleteEndedMarks
delete from "credential_marks"
where
  ends_at < now();

-- endFamiliesOf
update refresh_families
set
  revoked_at = now()
where
  revoked_at is null
  and (
    subject = any ($1::text[])
    or got_with = any ($2::text[])
    or id = any ($3::uuid[])
  );

-- lockFileAccounts
select
  pg_advisory_xact_lock(hashtext ('longshore file_accounts'));

-- syncFileAccounts
with
  given as (
    select
      *
    from
      unnest($1::text[], $2::text[]) as given (name, fingerprint)
  ),
  gone as (
    delete from file_accounts account
    where
      not exists (
        select
        from
          given
        where
          given.name = account.name
      )
    returning
      account.name
  ),
  known as (
    select
      account.name,
      account.fingerprint
    from
      file_accounts account
      join given using (name)
  ),
  written as (
    insert into
      file_accounts (name, fingerprint)
    select
      name,
      fingerprint
    from
      given
    where
      not exists (
        select
        from
          known
        where
          known.name = given.name
          and known.fingerprint = given.fingerprint
      )
    on conflict (name) do update
    set
      fingerprint = excluded.fingerprint
    returning
      name,
      fingerprint
  )
select
  name,
  fingerprint
from
  written
where
  exists (
    select
    from
      known
    where
      known.name = written.name
  )
  or exists (
    select
    from
      credential_marks mark
    where
      mark.kind = 'password'
      and mark.name = written.name
  )
union all
select
  name,
  null
from
  gone;
