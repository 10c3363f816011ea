/*
 * The look-ups of every request: one prepared text each, for any number of keys. They are hand-written because they bypass Kysely: node-postgres runs
 * them by name and returns rows as arrays.
 *
 * A payload arrives as Latin-1 text, one character per byte: node-postgres has no binary results, and the hex form of a bytea costs twice the bytes
 * and a decoder. Payloads above $n bytes are left out of the batch and read one by one. The repository's id distinguishes an unknown repository from
 * an unknown manifest. Only HEAD needs to know whether a review is near, and HEAD asks for no payload; the null that a GET joins on spares it that
 * search. A manifest and its review are read in one statement (docs/protocol), by a join: with a subquery instead, Postgres plans each batch anew,
 * which costs five times as much as the batch.
 */

export const manifestsByTag = `
  select repository.id, manifest.id, encode(manifest.digest, 'hex'), manifest.media_type, manifest.artifact_type,
    encode(manifest.subject_digest, 'hex'), manifest.size,
    case when wanted.payload and manifest.size <= $4 then convert_from(manifest.payload, 'LATIN1') end,
    review.review_after < now() + interval '1 hour'
  from unnest($1::text[], $2::text[], $3::boolean[]) with ordinality as wanted (name, tag, payload, position)
  left join repositories repository on repository.name = wanted.name
  left join tags tag on tag.repository_id = repository.id and tag.name = wanted.tag
  left join manifests manifest on manifest.id = tag.manifest_id
  left join gc_manifest_queue review on review.manifest_id = case when not wanted.payload then manifest.id end
  order by wanted.position`;

export const manifestsByDigest = `
  select repository.id, manifest.id, encode(manifest.digest, 'hex'), manifest.media_type, manifest.artifact_type,
    encode(manifest.subject_digest, 'hex'), manifest.size,
    case when wanted.payload and manifest.size <= $4 then convert_from(manifest.payload, 'LATIN1') end,
    review.review_after < now() + interval '1 hour'
  from unnest($1::text[], $2::bytea[], $3::boolean[]) with ordinality as wanted (name, digest, payload, position)
  left join repositories repository on repository.name = wanted.name
  left join manifests manifest on manifest.repository_id = repository.id and manifest.digest = wanted.digest
  left join gc_manifest_queue review on review.manifest_id = case when not wanted.payload then manifest.id end
  order by wanted.position`;

export const manifestPayload = `
  select convert_from(payload, 'LATIN1') from manifests where id = $1`;

export const blobsInRepositories = `
  select repository.id, blob.size, blob.storage_key, coalesce(review.review_after < now() + interval '1 hour', false)
  from unnest($1::text[], $2::bytea[]) with ordinality as wanted (name, digest, position)
  left join repositories repository on repository.name = wanted.name
  left join repository_blobs link on link.repository_id = repository.id and link.digest = wanted.digest
  left join blobs blob on blob.digest = link.digest and blob.suspect_since is null
  left join gc_link_queue review on review.repository_id = link.repository_id and review.digest = link.digest
  order by wanted.position`;
