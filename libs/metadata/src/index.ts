export { blobsPage, isBlob, type BlobRow } from './blobs/blobs-page.ts';
export { blobForPush, type BlobForPush, type StoredBlob } from './blobs/blob-for-push.ts';
export { deleteBlob, type DeleteBlob } from './blobs/delete-blob.ts';
export { mountBlob, repositoriesWithBlob, type MountBlob, type MountedBlob } from './blobs/mount-blob.ts';
export type { ConnectionsConfig } from './connections.ts';
export { Database, openDatabase, type DatabaseConfig } from './database.ts';
export * from './deliveries/deliveries.ts';
export {
  Lookups,
  type BlobKey,
  type FoundBlob,
  type Manifest,
  type ManifestEntry,
  type ManifestKey,
  type Unknown,
} from './lookups/lookups.ts';
export {
  deleteManifest,
  type DeletedManifest,
  type DeleteManifest,
  type DeleteManifestResult,
} from './manifests/delete-manifest.ts';
export { manifestForPush, type FoundManifest, type ManifestForPush } from './manifests/manifest-for-push.ts';
export {
  putManifest,
  type ManifestChild,
  type PutCondition,
  type PutManifest,
  type PutManifestResult,
  type StoredManifest,
} from './manifests/put-manifest.ts';
export { migrate, type MigrateOptions } from './migrate.ts';
export * from './outbox/outbox.ts';
export { DatabaseUnavailable } from './postgres-errors.ts';
export { recordPulls, type RecordPulls } from './pulls/record-pulls.ts';
export { referrersPage, type Referrer, type ReferrersPage } from './referrers/referrers-page.ts';
export {
  catalogPage,
  collectRepositories,
  type CollectRepositories,
  ensureRepository,
  findRepository,
  type KeysetPage,
} from './repositories/repositories.ts';
export { reviewBlob, type ReviewBlob } from './reviews/review-blob.ts';
export { reviewLink } from './reviews/review-link.ts';
export {
  reviewManifest,
  type CollectedManifest,
  type ReviewManifest,
  type UntaggedPolicy,
} from './reviews/review-manifest.ts';
export { reviewUntagged, type ReviewUntagged } from './reviews/review-untagged.ts';
export type { ReviewOutcome } from './reviews/review.ts';
export type { Schema } from './schema.ts';
export { SchemaMismatch } from './schema-state.ts';
export * from './signing-keys/signing-keys.ts';
export * from './suspects/suspects.ts';
export { deleteTag, type DeletedTag, type DeleteTag, type DeleteTagResult } from './tags/delete-tag.ts';
export { tagsPage, type TagsPage } from './tags/tags-page.ts';
export { transact, type Db, type RollBack, type Tx } from './transact.ts';
export { claimTrash, confirmTrashGone, type TrashedKey } from './trash/sweep-trash.ts';
export { commitUpload, type CommittedUpload, type CommitUpload } from './uploads/commit-upload.ts';
export {
  cancelUpload,
  expireIdleUploads,
  expireUploads,
  orphanedKeys,
  type CancelUpload,
  type ExpireIdleUploads,
  type ExpireUploads,
} from './uploads/end-uploads.ts';
export * from './uploads/upload-session.ts';
export { databaseUrl, type PostgresSection } from './database-url.ts';
export { openManagedDatabase, type DatabaseHost } from './open-managed-database.ts';
export { TrailingEvents } from './outbox/trailing-events.ts';
