/*
 * Queries for the safety properties of docs/protocol, on the committed state. Each row is a violation.
 * $1: the storage keys under which an object lies.
 */
export const violations = `
  select 'S1: a manifest needs a blob that its repository has not' as violation, encode(edge.digest, 'hex') as what
  from manifest_blobs edge
  left join repository_blobs link on link.repository_id = edge.repository_id and link.digest = edge.digest
  where link.digest is null
  union all
  select 'S1: a link has no blob', encode(link.digest, 'hex')
  from repository_blobs link left join blobs blob on blob.digest = link.digest
  where blob.digest is null
  union all
  select 'S1: an index lists a child that is gone', edge.parent_id::text
  from manifest_children edge left join manifests child on child.id = edge.child_id
  where child.id is null
  union all
  select 'S1: a tag names a manifest that is gone', tag.name
  from tags tag left join manifests manifest on manifest.id = tag.manifest_id
  where manifest.id is null
  union all
  select 'S3: a live blob has no object', blob.storage_key
  from blobs blob where blob.storage_key <> all($1::text[])
  union all
  select 'S1: a live blob''s key is in the trash', blob.storage_key
  from blobs blob join blob_trash trash on trash.storage_key = blob.storage_key
  union all
  select 'S1: a live blob''s key is a session''s, too', blob.storage_key
  from blobs blob join upload_sessions session on blob.storage_key in (session.storage_key, session.final_key)
  union all
  select 'S4: an unreferenced link has no review', encode(link.digest, 'hex')
  from repository_blobs link
  where not exists (
      select from manifest_blobs edge
      where edge.repository_id = link.repository_id and edge.digest = link.digest
    ) and not exists (
      select from gc_link_queue review
      where review.repository_id = link.repository_id and review.digest = link.digest
    )
  union all
  select 'S4: a blob in no repository has no review', encode(blob.digest, 'hex')
  from blobs blob
  where not exists (select from repository_blobs link where link.digest = blob.digest)
    and not exists (select from gc_blob_queue review where review.digest = blob.digest)
  union all
  select 'S1: a recorded pull has no manifest', pull.manifest_id::text
  from manifest_pulls pull left join manifests manifest on manifest.id = pull.manifest_id
  where manifest.id is null
  union all
  select 'S4: an unreferenced manifest has no review', manifest.id::text
  from manifests manifest
  where not ever_tagged
    and (subject_digest is not null
      or not exists (select from manifest_pulls pull where pull.manifest_id = manifest.id))
    and not exists (select from tags tag where tag.manifest_id = manifest.id)
    and not exists (select from manifest_children edge where edge.child_id = manifest.id)
    and not exists (
      select from manifest_absent_references listed
      where listed.repository_id = manifest.repository_id and listed.digest = manifest.digest
    ) and not exists (
      select from manifests subject
      where subject.repository_id = manifest.repository_id and subject.digest = manifest.subject_digest
    ) and not exists (select from gc_manifest_queue review where review.manifest_id = manifest.id)
  union all
  select 'S4: nothing names an object', object.key
  from unnest($1::text[]) as object (key)
  where not exists (select from blobs where storage_key = object.key)
    and not exists (select from blob_trash where storage_key = object.key)
    and not exists (select from upload_sessions where object.key in (storage_key, final_key))`;

/** Tells, in one snapshot, whether any of these backends waits for a lock. */
export const waitsForLock = `
  select exists (
    select from pg_stat_activity where pid = any($1::integer[]) and wait_event_type = 'Lock'
  ) as waits`;
