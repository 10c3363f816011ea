create table access_rules (
  id bigint generated always as identity not null,
  name text collate "C" not null,
  effect text not null,
  subjects text[] not null,
  actions text[] not null,
  repositories text[] not null,
  condition text,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint access_rules_actions_check CHECK ((cardinality(actions) > 0)),
  constraint access_rules_effect_check CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text]))),
  constraint access_rules_repositories_check CHECK ((cardinality(repositories) > 0)),
  constraint access_rules_subjects_check CHECK ((cardinality(subjects) > 0)),
  constraint access_rules_pkey PRIMARY KEY (id),
  constraint access_rules_name_key UNIQUE (name)
);

create table access_tokens (
  id uuid not null,
  hash bytea not null,
  user_id bigint,
  robot_id bigint,
  name text not null,
  limits jsonb,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint access_tokens_check CHECK (((user_id IS NULL) <> (robot_id IS NULL))),
  constraint access_tokens_hash_check CHECK ((octet_length(hash) = 32)),
  constraint access_tokens_robot_id_fkey FOREIGN KEY (robot_id) REFERENCES robots(id) ON DELETE CASCADE,
  constraint access_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint access_tokens_pkey PRIMARY KEY (id),
  constraint access_tokens_hash_key UNIQUE (hash)
);
CREATE INDEX access_tokens_robot ON public.access_tokens USING btree (robot_id) WHERE (robot_id IS NOT NULL);
CREATE INDEX access_tokens_user ON public.access_tokens USING btree (user_id) WHERE (user_id IS NOT NULL);

create table audit_log (
  at timestamp with time zone not null,
  id uuid not null,
  action text collate "C" not null,
  outcome text not null,
  status smallint,
  code text,
  actor_kind text not null,
  actor text collate "C" not null,
  credential_kind text not null,
  credential_id text,
  repository text collate "C",
  reference text,
  address text not null,
  user_agent text not null,
  request_id text not null,
  service text not null,
  times integer not null default 1,
  before jsonb,
  after jsonb,
  constraint audit_log_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'failed'::text]))),
  constraint audit_log_times_check CHECK ((times > 0)),
  constraint audit_log_pkey PRIMARY KEY (at, id)
);
CREATE INDEX audit_log_actor ON public.audit_log USING btree (actor, at);
CREATE INDEX audit_log_repository ON public.audit_log USING btree (repository, at) WHERE (repository IS NOT NULL);

create table blob_trash (
  storage_key text not null,
  not_before timestamp with time zone not null,
  attempts integer not null default 0,
  constraint blob_trash_pkey PRIMARY KEY (storage_key)
);
CREATE INDEX blob_trash_due ON public.blob_trash USING btree (not_before);

create table blobs (
  digest bytea not null,
  size bigint not null,
  storage_key text not null,
  created_at timestamp with time zone not null default now(),
  suspect_since timestamp with time zone,
  reread_after timestamp with time zone,
  constraint blobs_check CHECK (((suspect_since IS NULL) = (reread_after IS NULL))),
  constraint blobs_size_check CHECK ((size >= 0)),
  constraint blobs_pkey PRIMARY KEY (digest)
);
CREATE INDEX blobs_suspect ON public.blobs USING btree (reread_after) WHERE (suspect_since IS NOT NULL);
CREATE UNIQUE INDEX blobs_storage_key ON public.blobs USING btree (storage_key) WHERE (storage_key IS NOT NULL);

create table credential_marks (
  kind text not null,
  name text not null,
  keeps text,
  before timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  written_by xid8 not null default pg_current_xact_id(),
  constraint credential_marks_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'robot'::text, 'password'::text, 'repository'::text, 'credential'::text, 'key'::text]))),
  constraint credential_marks_pkey PRIMARY KEY (kind, name)
);
CREATE INDEX credential_marks_ends ON public.credential_marks USING btree (ends_at);
CREATE INDEX credential_marks_written ON public.credential_marks USING btree (written_by, kind, name);

create table device_codes (
  hash bytea not null,
  user_code text not null,
  device text not null,
  address text not null,
  state text not null default 'pending'::text,
  login_id uuid,
  poll_after timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint device_codes_check CHECK (((state = 'approved'::text) = (login_id IS NOT NULL))),
  constraint device_codes_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'denied'::text]))),
  constraint device_codes_login_id_fkey FOREIGN KEY (login_id) REFERENCES oidc_logins(id) ON DELETE CASCADE,
  constraint device_codes_pkey PRIMARY KEY (hash),
  constraint device_codes_user_code_key UNIQUE (user_code)
);
CREATE INDEX device_codes_address ON public.device_codes USING btree (address);
CREATE INDEX device_codes_expires ON public.device_codes USING btree (expires_at);

create table file_accounts (
  name text not null,
  fingerprint text not null,
  constraint file_accounts_pkey PRIMARY KEY (name)
);

create table gc_blob_queue (
  digest bytea not null,
  review_after timestamp with time zone not null,
  attempts integer not null default 0,
  constraint gc_blob_queue_pkey PRIMARY KEY (digest)
);
CREATE INDEX gc_blob_queue_due ON public.gc_blob_queue USING btree (review_after);

create table gc_link_queue (
  repository_id bigint not null,
  digest bytea not null,
  review_after timestamp with time zone not null,
  attempts integer not null default 0,
  constraint gc_link_queue_pkey PRIMARY KEY (repository_id, digest)
);
CREATE INDEX gc_link_queue_due ON public.gc_link_queue USING btree (review_after);

create table gc_manifest_queue (
  manifest_id bigint not null,
  review_after timestamp with time zone not null,
  attempts integer not null default 0,
  enqueued_at timestamp with time zone not null default now(),
  constraint gc_manifest_queue_pkey PRIMARY KEY (manifest_id)
);
CREATE INDEX gc_manifest_queue_due ON public.gc_manifest_queue USING btree (review_after);

create table group_members (
  group_id bigint not null,
  user_id bigint not null,
  constraint group_members_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id) ON DELETE CASCADE,
  constraint group_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint group_members_pkey PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_members_group ON public.group_members USING btree (group_id);

create table groups (
  id bigint generated always as identity not null,
  name text collate "C" not null,
  created_at timestamp with time zone not null default now(),
  constraint groups_pkey PRIMARY KEY (id),
  constraint groups_name_key UNIQUE (name)
);

create table manifest_absent_references (
  parent_id bigint not null,
  repository_id bigint not null,
  digest bytea not null,
  constraint manifest_absent_references_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES manifests(id) ON DELETE CASCADE,
  constraint manifest_absent_references_pkey PRIMARY KEY (parent_id, digest)
);
CREATE INDEX manifest_absent_references_digest ON public.manifest_absent_references USING btree (repository_id, digest);

create table manifest_blobs (
  manifest_id bigint not null,
  repository_id bigint not null,
  digest bytea not null,
  constraint manifest_blobs_manifest_id_fkey FOREIGN KEY (manifest_id) REFERENCES manifests(id) ON DELETE CASCADE,
  constraint manifest_blobs_repository_id_digest_fkey FOREIGN KEY (repository_id, digest) REFERENCES repository_blobs(repository_id, digest),
  constraint manifest_blobs_pkey PRIMARY KEY (manifest_id, digest)
);
CREATE INDEX manifest_blobs_link ON public.manifest_blobs USING btree (repository_id, digest);

create table manifest_children (
  parent_id bigint not null,
  child_id bigint not null,
  constraint manifest_children_child_id_fkey FOREIGN KEY (child_id) REFERENCES manifests(id),
  constraint manifest_children_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES manifests(id) ON DELETE CASCADE,
  constraint manifest_children_pkey PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX manifest_children_child ON public.manifest_children USING btree (child_id);

create table manifest_pulls (
  manifest_id bigint not null,
  pulled_at timestamp with time zone not null,
  constraint manifest_pulls_manifest_id_fkey FOREIGN KEY (manifest_id) REFERENCES manifests(id) ON DELETE CASCADE,
  constraint manifest_pulls_pkey PRIMARY KEY (manifest_id)
);

create table manifests (
  id bigint generated always as identity not null,
  repository_id bigint not null,
  digest bytea not null,
  media_type text not null,
  artifact_type text,
  subject_digest bytea,
  annotations json,
  size integer not null,
  payload bytea storage e not null,
  created_at timestamp with time zone not null default now(),
  pushed_at timestamp with time zone not null default now(),
  ever_tagged boolean not null default true,
  constraint manifests_check CHECK ((size = octet_length(payload))),
  constraint manifests_payload_check CHECK ((POSITION(('\x00'::bytea) IN (payload)) = 0)),
  constraint manifests_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repositories(id),
  constraint manifests_pkey PRIMARY KEY (id),
  constraint manifests_repository_id_digest_key UNIQUE (repository_id, digest)
) with (toast_tuple_target=8160);
CREATE INDEX manifests_subject ON public.manifests USING btree (repository_id, subject_digest, digest) WHERE (subject_digest IS NOT NULL);

create table notification_deliveries (
  event_id uuid not null,
  endpoint text not null,
  envelope bytea not null,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null,
  last_error text,
  created_at timestamp with time zone not null default now(),
  trace text,
  constraint notification_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'dead'::text]))),
  constraint notification_deliveries_pkey PRIMARY KEY (endpoint, event_id)
);
CREATE INDEX notification_deliveries_due ON public.notification_deliveries USING btree (endpoint, next_attempt_at) WHERE (state = 'pending'::text);

create table oidc_logins (
  id uuid not null,
  user_id bigint not null,
  provider text not null,
  attempt bytea not null,
  provider_session text,
  tokens bytea not null,
  is_offline boolean not null,
  is_renewable boolean not null,
  created_at timestamp with time zone not null default now(),
  confirmed_at timestamp with time zone not null default now(),
  confirm_after timestamp with time zone not null,
  attempts integer not null default 0,
  expires_at timestamp with time zone not null,
  constraint oidc_logins_user_id_fkey FOREIGN KEY (user_id) REFERENCES oidc_people(user_id) ON DELETE CASCADE,
  constraint oidc_logins_pkey PRIMARY KEY (id),
  constraint oidc_logins_attempt_key UNIQUE (attempt)
);
CREATE INDEX oidc_logins_due ON public.oidc_logins USING btree (confirm_after);
CREATE INDEX oidc_logins_expires ON public.oidc_logins USING btree (expires_at);
CREATE INDEX oidc_logins_session ON public.oidc_logins USING btree (provider, provider_session) WHERE (provider_session IS NOT NULL);
CREATE INDEX oidc_logins_user ON public.oidc_logins USING btree (user_id);

create table oidc_people (
  user_id bigint not null,
  email text,
  claims jsonb not null,
  confirmed_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint oidc_people_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint oidc_people_pkey PRIMARY KEY (user_id)
);

create table outbox (
  id uuid not null,
  data json not null,
  created_at timestamp with time zone not null default now(),
  claimed_until timestamp with time zone,
  trace text,
  constraint outbox_pkey PRIMARY KEY (id)
);

create table refresh_families (
  id uuid not null,
  subject text not null,
  got_with text,
  rotates boolean not null,
  generation integer not null default 0,
  rotated_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  ends_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint refresh_families_pkey PRIMARY KEY (id)
);
CREATE INDEX refresh_families_ends ON public.refresh_families USING btree (ends_at);
CREATE INDEX refresh_families_got_with ON public.refresh_families USING btree (got_with) WHERE (got_with IS NOT NULL);
CREATE INDEX refresh_families_subject ON public.refresh_families USING btree (subject);

create table repositories (
  id bigint generated always as identity not null,
  name text collate "C" not null,
  created_at timestamp with time zone not null default now(),
  constraint repositories_pkey PRIMARY KEY (id),
  constraint repositories_name_key UNIQUE (name)
);

create table repository_blobs (
  repository_id bigint not null,
  digest bytea not null,
  linked_at timestamp with time zone not null default now(),
  constraint repository_blobs_digest_fkey FOREIGN KEY (digest) REFERENCES blobs(digest),
  constraint repository_blobs_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repositories(id),
  constraint repository_blobs_pkey PRIMARY KEY (repository_id, digest)
);
CREATE INDEX repository_blobs_digest ON public.repository_blobs USING btree (digest);

create table robots (
  id bigint generated always as identity not null,
  name text collate "C" not null,
  description text not null default ''::text,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint robots_pkey PRIMARY KEY (id),
  constraint robots_name_key UNIQUE (name)
);

create table sessions (
  id uuid not null,
  login_id uuid not null,
  kind text not null,
  secret_hash bytea not null,
  previous_hash bytea,
  rotated_at timestamp with time zone not null default now(),
  device text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint sessions_kind_check CHECK ((kind = ANY (ARRAY['browser'::text, 'device'::text]))),
  constraint sessions_login_id_fkey FOREIGN KEY (login_id) REFERENCES oidc_logins(id) ON DELETE CASCADE,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_previous_hash_key UNIQUE (previous_hash),
  constraint sessions_secret_hash_key UNIQUE (secret_hash)
);
CREATE INDEX sessions_expires ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_login ON public.sessions USING btree (login_id);

create table signing_keys (
  kid text not null,
  public_jwk jsonb not null,
  private_key bytea not null,
  created_at timestamp with time zone not null default now(),
  retired_at timestamp with time zone,
  signs_from timestamp with time zone,
  replace_from timestamp with time zone,
  constraint signing_keys_pkey PRIMARY KEY (kid)
);

create table tags (
  repository_id bigint not null,
  name text collate "C" not null,
  manifest_id bigint not null,
  previous_manifest_id bigint,
  created_at timestamp with time zone not null default now(),
  pushed_at timestamp with time zone not null default now(),
  constraint tags_manifest_id_fkey FOREIGN KEY (manifest_id) REFERENCES manifests(id),
  constraint tags_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repositories(id),
  constraint tags_pkey PRIMARY KEY (repository_id, name)
);
CREATE INDEX tags_manifest ON public.tags USING btree (manifest_id);

create table upload_sessions (
  id uuid not null,
  repository_id bigint not null,
  subject text not null,
  storage_key text not null,
  final_key text,
  writer text,
  writer_until timestamp with time zone,
  "offset" bigint not null default 0,
  driver_state text,
  hash_state bytea,
  digest_so_far bytea,
  started_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint upload_sessions_check CHECK (((writer IS NULL) = (writer_until IS NULL))),
  constraint upload_sessions_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repositories(id),
  constraint upload_sessions_pkey PRIMARY KEY (id),
  constraint upload_sessions_storage_key_key UNIQUE (storage_key)
);
CREATE INDEX upload_sessions_expires_at ON public.upload_sessions USING btree (expires_at);

create table users (
  id bigint generated always as identity not null,
  name text collate "C" not null,
  source text collate "C" not null default 'database'::text,
  external_id text collate "C",
  external_groups text[] collate "C" not null default '{}'::text[],
  password_hash text,
  password_once boolean not null default false,
  password_until timestamp with time zone,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint users_check CHECK (((source = 'database'::text) = (external_id IS NULL))),
  constraint users_check1 CHECK (((source = 'database'::text) OR (password_hash IS NULL))),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_name_key UNIQUE (name),
  constraint users_source_external_id_key UNIQUE (source, external_id)
);
