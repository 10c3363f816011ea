import type { AuditEntry, MarkKind } from '@longshore/authorization';
import type { ColumnType, Generated } from 'kysely';
import type { BigSerial, DefaultedInstant, Instant, Json } from './column-types.ts';

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

export interface AuditLogTable {
  at: Date;
  id: string;
  action: string;
  outcome: AuditEntry['outcome'];
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

export interface AccessRulesTable {
  id: BigSerial;
  name: string;
  effect: 'allow' | 'deny';
  subjects: string[];
  actions: string[];
  repositories: string[];
  condition: string | null;
  created_by: string;
  created_at: DefaultedInstant;
  updated_at: DefaultedInstant;
}

/** The tables of accounts, credentials, rules and the audit log. */
export interface AccessSchema {
  access_rules: AccessRulesTable;
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
