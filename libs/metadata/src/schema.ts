import type { ColumnType, Generated } from 'kysely';
import type { AccessSchema } from './access-schema.ts';
import type { BigSerial, DefaultedInstant, Instant } from './column-types.ts';

export interface RepositoriesTable {
  id: BigSerial;
  name: string;
  created_at: DefaultedInstant;
}

export interface UploadSessionsTable {
  id: string;
  repository_id: number;
  subject: string;
  storage_key: string;
  final_key: string | null;
  writer: string | null;
  writer_until: Date | null;
  offset: Generated<number>;
  driver_state: string | null;
  hash_state: Buffer | null;
  digest_so_far: Buffer | null;
  started_at: DefaultedInstant;
  expires_at: Instant;
}

export interface BlobsTable {
  digest: Buffer;
  size: number;
  storage_key: string;
  created_at: DefaultedInstant;
  suspect_since: ColumnType<Date | null, null | undefined, Date | null>;
  reread_after: ColumnType<Date | null, null | undefined, Date | null>;
}

export interface RepositoryBlobsTable {
  repository_id: number;
  digest: Buffer;
  linked_at: DefaultedInstant;
}

export interface ManifestsTable {
  id: BigSerial;
  repository_id: number;
  digest: Buffer;
  media_type: string;
  artifact_type: string | null;
  subject_digest: Buffer | null;
  annotations: ColumnType<Record<string, string> | null, string | null, string | null>;
  size: number;
  payload: Buffer;
  created_at: DefaultedInstant;
  pushed_at: DefaultedInstant;
  ever_tagged: Generated<boolean>;
}

export interface ManifestPullsTable {
  manifest_id: number;
  pulled_at: Instant;
}

export interface ManifestBlobsTable {
  manifest_id: number;
  repository_id: number;
  digest: Buffer;
}

export interface ManifestAbsentReferencesTable {
  parent_id: number;
  repository_id: number;
  digest: Buffer;
}

export interface ManifestChildrenTable {
  parent_id: number;
  child_id: number;
}

export interface TagsTable {
  repository_id: number;
  name: string;
  manifest_id: number;
  previous_manifest_id: number | null;
  created_at: DefaultedInstant;
  pushed_at: DefaultedInstant;
}

interface ReviewColumns {
  review_after: Instant;
  attempts: Generated<number>;
}

export interface GcLinkQueueTable extends ReviewColumns {
  repository_id: number;
  digest: Buffer;
}

export interface GcBlobQueueTable extends ReviewColumns {
  digest: Buffer;
}

export interface GcManifestQueueTable extends ReviewColumns {
  manifest_id: number;
  enqueued_at: DefaultedInstant;
}

export interface BlobTrashTable {
  storage_key: string;
  not_before: Instant;
  attempts: Generated<number>;
}

export interface OutboxTable {
  id: string;
  data: ColumnType<unknown, string, never>;
  created_at: DefaultedInstant;
  claimed_until: Date | null;
  trace: string | null;
}

export type DeliveryState = 'pending' | 'dead';

export interface NotificationDeliveriesTable {
  event_id: string;
  endpoint: string;
  envelope: Buffer;
  state: Generated<DeliveryState>;
  attempts: Generated<number>;
  next_attempt_at: Instant;
  last_error: string | null;
  created_at: DefaultedInstant;
  trace: string | null;
}

export interface SigningKeysTable {
  kid: string;
  public_jwk: ColumnType<Record<string, unknown>, string, never>;
  private_key: Buffer;
  created_at: DefaultedInstant;
  retired_at: Date | null;
  signs_from: ColumnType<Date | null, Date | null | undefined, Date | null>;
  replace_from: ColumnType<Date | null, null | undefined, Date | null>;
}

/** Every table of the registry as Kysely sees it. `schema.sql` shows the same tables as Postgres sees them. */
export interface Schema extends AccessSchema {
  repositories: RepositoriesTable;
  upload_sessions: UploadSessionsTable;
  blobs: BlobsTable;
  repository_blobs: RepositoryBlobsTable;
  manifests: ManifestsTable;
  manifest_pulls: ManifestPullsTable;
  manifest_blobs: ManifestBlobsTable;
  manifest_children: ManifestChildrenTable;
  manifest_absent_references: ManifestAbsentReferencesTable;
  tags: TagsTable;
  gc_link_queue: GcLinkQueueTable;
  gc_blob_queue: GcBlobQueueTable;
  gc_manifest_queue: GcManifestQueueTable;
  blob_trash: BlobTrashTable;
  outbox: OutboxTable;
  notification_deliveries: NotificationDeliveriesTable;
  signing_keys: SigningKeysTable;
}
