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

-- selectRepositoryName
select
  "name"
from
  "repositories"
where
  "id" = $1;
