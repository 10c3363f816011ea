export {
  type AccessRule,
  accessRule,
  accessRules,
  accessRulesPage,
  addAccessRule,
  changedRules,
  removeAccessRule,
  replaceAccessRule,
} from './accounts/access-rules.ts';
export { lockAdministration } from './accounts/account-rules.ts';
export * from './accounts/access-tokens.ts';
export type { Change } from './accounts/change.ts';
export { passwordCost, passwordHash, randomPassword } from './accounts/password.ts';
export { addFirstAdministrator } from './accounts/first-administrator.ts';
export * from './accounts/groups.ts';
export * from './accounts/robots.ts';
export * from './accounts/users.ts';
export * from './audit/audit.ts';
export { type ChangeOrigin, recordChange } from './audit/record-change.ts';
export { blobsPage, isBlob, type BlobRow } from './blobs/blobs-page.ts';
export { blobForPush, type StoredBlob } from './blobs/blob-for-push.ts';
export { deleteBlob } from './blobs/delete-blob.ts';
export { mountBlob, repositoriesWithBlob } from './blobs/mount-blob.ts';
export { forgetEndedMarks, marksSince, recordFileAccounts } from './credentials/marks.ts';
/** @internal Tests of auth-service void credentials directly. */
export { voidCredentials } from './credentials/marks.ts';
export * from './refresh-families/refresh-families.ts';
export { connectDatabase, Database } from './database.ts';
export * from './deliveries/deliveries.ts';
export {
  type BlobKey,
  type FoundBlob,
  type Manifest,
  type ManifestEntry,
  type Unknown,
} from './lookups/lookups.ts';
export { deleteManifest } from './manifests/delete-manifest.ts';
export { manifestForPush } from './manifests/manifest-for-push.ts';
export { putManifest, type PutCondition } from './manifests/put-manifest.ts';
export { migrate } from './migrate.ts';
export * from './outbox/outbox.ts';
export { DatabaseUnavailable } from './postgres-errors.ts';
export type { KeysetPage } from './keyset-page.ts';
export { recordPulls } from './pulls/record-pulls.ts';
export { referrersPage, type Referrer } from './referrers/referrers-page.ts';
export { catalogPage, collectRepositories } from './repositories/repositories.ts';
export { reviewBlob } from './reviews/review-blob.ts';
export { reviewLink } from './reviews/review-link.ts';
export { reviewManifest, type UntaggedPolicy } from './reviews/review-manifest.ts';
export { reviewUntagged } from './reviews/review-untagged.ts';
export type { ReviewOutcome } from './reviews/review.ts';
export * from './sessions/device-codes.ts';
export {
  confirmLogin,
  type DueLogin,
  dueLogin,
  endLoginsOf,
  endUnconfirmedLogin,
  type LoginOutcome,
  type OidcPerson,
  personOfSource,
  postponeConfirmation,
  recordLogin,
  sourceOf,
} from './sessions/logins.ts';
export * from './sessions/sessions.ts';
export * from './signing-keys/key-states.ts';
export * from './signing-keys/signing-keys.ts';
export * from './suspects/suspects.ts';
export { deleteTag } from './tags/delete-tag.ts';
export { tagsPage } from './tags/tags-page.ts';
export { type Db, transact, type Tx } from './transact.ts';
export { claimTrash, confirmTrashGone } from './trash/sweep-trash.ts';
export { commitUpload } from './uploads/commit-upload.ts';
export { cancelUpload, expireIdleUploads, expireUploads, orphanedKeys } from './uploads/end-uploads.ts';
export * from './uploads/upload-session.ts';
export { databaseUrl } from './database-url.ts';
export { homeDatabaseUrl, socketsOf, socketUrl } from './home-database.ts';
export { openDatabase } from './open-database.ts';
export { TrailingEvents } from './outbox/trailing-events.ts';
