import type { AuditEntry } from '@longshore/authorization';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import type { AuditLogTable } from '../access-schema.ts';
import type { Db } from '../transact.ts';
import { type AuditFilter, deleteOldEntries, insertEntries, selectEntries } from './audit.queries.ts';

export type { AuditFilter } from './audit.queries.ts';

/** Writes entries of the audit log. With a transaction as `db`, they exist exactly if its changes do. An entry that is there already stays as it is. */
export async function addAuditEntries(db: Db, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length > 0) await insertEntries(JSON.stringify(entries.map(rowOf))).execute(db);
}

/** Lists entries, the newest first. */
export async function auditPage(
  db: Db,
  { limit, ...filter }: AuditFilter & { readonly limit: number },
): Promise<KeysetPage<AuditEntry>> {
  const rows = await selectEntries(db, filter, limit + 1).execute();
  return keysetPage(rows.map(entryOf), limit);
}

/** Deletes the oldest entries that are older than the retention, `batch` at most. Returns how many there were. */
export async function pruneAudit(
  db: Db,
  { retentionSeconds, batch }: { readonly retentionSeconds: number; readonly batch: number },
): Promise<number> {
  const { numAffectedRows } = await deleteOldEntries(retentionSeconds, batch).execute(db);
  return Number(numAffectedRows ?? 0);
}

function rowOf(entry: AuditEntry): Record<keyof AuditLogTable, unknown> {
  return {
    at: new Date(entry.at).toISOString(),
    id: entry.id,
    action: entry.action,
    outcome: entry.outcome,
    status: entry.status,
    code: entry.code,
    actor_kind: entry.actorKind,
    actor: entry.actor,
    credential_kind: entry.credentialKind,
    credential_id: entry.credentialId,
    repository: entry.repository,
    reference: entry.reference,
    address: entry.address,
    user_agent: entry.userAgent,
    request_id: entry.requestId,
    service: entry.service,
    times: entry.times,
    before: entry.before,
    after: entry.after,
  };
}

function entryOf(row: AuditLogTable): AuditEntry {
  return {
    id: row.id,
    at: row.at.getTime(),
    action: row.action,
    outcome: row.outcome,
    actorKind: row.actor_kind,
    actor: row.actor,
    credentialKind: row.credential_kind,
    address: row.address,
    userAgent: row.user_agent,
    requestId: row.request_id,
    service: row.service,
    times: row.times,
    ...(row.status === null ? {} : { status: row.status }),
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.credential_id === null ? {} : { credentialId: row.credential_id }),
    ...(row.repository === null ? {} : { repository: row.repository }),
    ...(row.reference === null ? {} : { reference: row.reference }),
    ...(row.before === null ? {} : { before: row.before }),
    ...(row.after === null ? {} : { after: row.after }),
  };
}
