-- selectRepository
select
  "id"
from
  "repositories"
where
  "name" = $1;

-- insertRepository
insert into
  "repositories" ("name")
values
  ($1)
on conflict ("name") do nothing
returning
  "id";

-- selectCatalogPage
select
  "name"
from
  "repositories"
where
  "name" > $1
  and exists (
    select
    from
      manifests m
    where
      m.repository_id = repositories.id
  )
order by
  "name"
limit
  $2;

-- selectCatalogRanges
select
  found.name
from
  unnest($1::text[], $2::text[]) with ordinality range (low, high, place)
  cross join lateral (
    select
      name
    from
      repositories
    where
      name > $3
      and name >= range.low collate "C"
      and name < range.high collate "C"
      and exists (
        select
        from
          manifests m
        where
          m.repository_id = repositories.id
      )
    order by
      name
    limit
      $4
  ) found
where
  range.high collate "C" > $5
order by
  range.place,
  found.name
limit
  $6;

-- lockEmptyRepositories
select
  id
from
  repositories repository
where
  created_at < now() - make_interval(secs => $1)
  and not exists (
    select
    from
      manifests
    where
      manifests.repository_id = repository.id
  )
  and not exists (
    select
    from
      repository_blobs link
    where
      link.repository_id = repository.id
  )
  and not exists (
    select
    from
      upload_sessions session
    where
      session.repository_id = repository.id
  )
order by
  id
limit
  $2
for update
  skip locked;

-- deleteEmptyRepositories
delete from repositories repository
where
  id = any ($1::bigint[])
  and not exists (
    select
    from
      manifests
    where
      manifests.repository_id = repository.id
  )
  and not exists (
    select
    from
      repository_blobs link
    where
      link.repository_id = repository.id
  )
  and not exists (
    select
    from
      upload_sessions session
    where
      session.repository_id = repository.id
  )
returning
  name;

-- selectNameWithoutManifest
select
  "name"
from
  "repositories"
where
  "id" = $1
  and not exists (
    select
    from
      manifests m
    where
      m.repository_id = repositories.id
  );

-- selectRepositoryName
select
  "name"
from
  "repositories"
where
  "id" = $1;
