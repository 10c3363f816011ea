import { sql } from 'kysely';
import type { Db } from '../transact.ts';

/** @param rows a JSON array of rows */
export const insertEntries = (rows: string) => sql`
  insert into audit_log
  select given.* from jsonb_populate_recordset(null::audit_log, ${rows}::jsonb) as given
  on conflict do nothing`;

export interface AuditFilter {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly actor?: string | undefined;
  readonly repository?: string | undefined;
  /** The last entry of the page before. */
  readonly before?: { readonly at: Date; readonly id: string } | undefined;
}

/** The newest first. */
export const selectEntries = (
  db: Db,
  { since, until, actor, repository, before }: AuditFilter,
  limit: number,
) => {
  let query = db.selectFrom('audit_log').selectAll();
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (actor !== undefined) query = query.where('actor', '=', actor);
  if (repository !== undefined) query = query.where('repository', '=', repository);
  if (before !== undefined)
    query = query.where(sql<boolean>`(at, id) < (${before.at}::timestamptz, ${before.id}::uuid)`);
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit);
};

export const deleteOldEntries = (retentionSeconds: number, limit: number) => sql`
  delete from audit_log
  where (at, id) in (
    select at, id from audit_log
    where at < now() - make_interval(secs => ${retentionSeconds})
    order by at, id limit ${limit}
  )`;
