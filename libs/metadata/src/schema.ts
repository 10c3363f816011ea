import type { ColumnType, Generated } from 'kysely';

/** A bigint as a JavaScript number: every bigint of this schema stays below 2^53. */
type BigSerial = Generated<number>;
type Instant = ColumnType<Date, Date, Date>;
type DefaultedInstant = ColumnType<Date, Date | undefined, Date>;

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

export interface UsersTable {
  id: BigSerial;
  name: string;
  source: Generated<string>;
  external_id: string | null;
  external_groups: Generated<string[]>;
  password_hash: string | null;
  password_once: Generated<boolean>;
  password_until: Date | null;
  disabled_at: Date | null;
  created_at: DefaultedInstant;
}

export interface GroupsTable {
  id: BigSerial;
  name: string;
  created_at: DefaultedInstant;
}

export interface GroupMembersTable {
  group_id: number;
  user_id: number;
}

export interface RobotsTable {
  id: BigSerial;
  name: string;
  description: Generated<string>;
  disabled_at: Date | null;
  created_at: DefaultedInstant;
}

export interface AccessTokensTable {
  id: string;
  hash: Buffer;
  user_id: number | null;
  robot_id: number | null;
  name: string;
  limits: ColumnType<unknown, string | null, string | null>;
  created_at: DefaultedInstant;
  expires_at: Date | null;
  last_used_at: Date | null;
}

export type MarkKind = 'user' | 'password' | 'repository' | 'credential' | 'key';

export interface AuditLogTable {
  at: Date;
  id: string;
  action: string;
  outcome: 'done' | 'denied' | 'failed';
  status: number | null;
  code: string | null;
  actor_kind: string;
  actor: string;
  credential_kind: string;
  credential_id: string | null;
  repository: string | null;
  reference: string | null;
  address: string;
  user_agent: string;
  request_id: string;
  service: string;
  times: number;
  before: unknown;
  after: unknown;
}

export interface CredentialMarksTable {
  kind: MarkKind;
  name: string;
  keeps: string | null;
  before: Date;
  ends_at: Date;
  written_by: Generated<string>;
}

export interface FileAccountsTable {
  name: string;
  fingerprint: string;
}

/** Texts and objects are stored as JSON. */
type Json<T> = ColumnType<T, string, string>;

export interface OidcPeopleTable {
  user_id: number;
  email: string | null;
  claims: Json<Readonly<Record<string, unknown>>>;
  confirmed_at: DefaultedInstant;
  ended_at: Date | null;
}

export interface OidcLoginsTable {
  id: string;
  user_id: number;
  provider: string;
  attempt: Buffer;
  provider_session: string | null;
  tokens: Buffer;
  is_offline: boolean;
  is_renewable: boolean;
  created_at: DefaultedInstant;
  confirmed_at: DefaultedInstant;
  confirm_after: Instant;
  attempts: Generated<number>;
  expires_at: Instant;
}

export type SessionKind = 'browser' | 'device';

export interface SessionsTable {
  id: string;
  login_id: string;
  kind: SessionKind;
  secret_hash: Buffer;
  previous_hash: Buffer | null;
  rotated_at: DefaultedInstant;
  device: string;
  created_at: DefaultedInstant;
  expires_at: Instant;
}

export interface DeviceCodesTable {
  hash: Buffer;
  user_code: string;
  device: string;
  address: string;
  state: Generated<'pending' | 'approved' | 'denied'>;
  login_id: string | null;
  poll_after: DefaultedInstant;
  expires_at: Instant;
}

export interface RefreshFamiliesTable {
  id: string;
  subject: string;
  got_with: string | null;
  rotates: boolean;
  generation: Generated<number>;
  rotated_at: Date | null;
  created_at: DefaultedInstant;
  ends_at: Instant;
  revoked_at: ColumnType<Date | null, null | undefined, Date | null>;
}

/** Every table of the registry as Kysely sees it. `schema.sql` shows the same tables as Postgres sees them. */
export interface Schema {
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
  users: UsersTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  robots: RobotsTable;
  access_tokens: AccessTokensTable;
  audit_log: AuditLogTable;
  credential_marks: CredentialMarksTable;
  file_accounts: FileAccountsTable;
  oidc_people: OidcPeopleTable;
  oidc_logins: OidcLoginsTable;
  sessions: SessionsTable;
  device_codes: DeviceCodesTable;
  refresh_families: RefreshFamiliesTable;
}
