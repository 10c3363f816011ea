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
