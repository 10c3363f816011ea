import { createHash, randomUUID } from 'node:crypto';
import { parseDigest, type Digest, type RepositoryName } from '@longshore/oci';
import { putManifest, type PutManifest, type PutManifestResult } from '../manifests/put-manifest.ts';
import type { Db } from '../transact.ts';
import { commitUpload } from '../uploads/commit-upload.ts';
import { claimUpload, createUpload } from '../uploads/upload-session.ts';

export function digestOf(content: string | Uint8Array): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
}

/** Uploads a blob through all steps and returns its digest. Stores no bytes: metadata does not look at them. */
export async function pushBlob(db: Db, repository: RepositoryName, content: string): Promise<Digest> {
  const id = randomUUID();
  const upload = { id, repository, subject: 'ann', storageKey: `uploads/${id}`, writer: id };
  await createUpload(db, { ...upload, lifetimeSeconds: 60 });
  await claimUpload(db, { ...upload, leaseSeconds: 60 });
  const digest = digestOf(content);
  const commit = { id, writer: id, digest, size: content.length, key: upload.storageKey };
  await commitUpload(db, { ...commit, grace: 3600, notBeforeSeconds: 60 });
  return digest;
}

/** Puts the payload as a manifest without references, unless `more` adds some. */
export async function pushManifest(
  db: Db,
  repository: RepositoryName,
  payload: string,
  more: Partial<PutManifest> = {},
): Promise<PutManifestResult> {
  return putManifest(db, {
    repository,
    digest: digestOf(payload),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    annotations: {},
    payload: Buffer.from(payload),
    blobs: [],
    children: [],
    tags: [],
    grace: 3600,
    ...more,
  });
}
