import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

const seconds = (value: number) => sql<Date>`now() + make_interval(secs => ${value})`;

export interface NewSession {
  readonly id: string;
  readonly repository: number;
  readonly subject: string;
  readonly storageKey: string;
  readonly lifetimeSeconds: number;
}

export const insertSession = (db: Db, session: NewSession) =>
  db.insertInto('upload_sessions').values({
    id: session.id,
    repository_id: session.repository,
    subject: session.subject,
    storage_key: session.storageKey,
    final_key: null,
    writer: null,
    writer_until: null,
    driver_state: null,
    hash_state: null,
    digest_so_far: null,
    expires_at: seconds(session.lifetimeSeconds),
  });

const sessionColumns = [
  'id',
  'storage_key',
  'final_key',
  'offset',
  'driver_state',
  'hash_state',
  'digest_so_far',
  'writer_until',
  'started_at',
  'expires_at',
] as const;

export interface SessionKey {
  readonly id: string;
  readonly repository: string;
  readonly subject: string;
}

export const selectSession = (db: Db, { id, repository, subject }: SessionKey) =>
  db
    .selectFrom('upload_sessions')
    .select(sessionColumns)
    .select(sql<boolean>`coalesce(writer_until > now(), false)`.as('busy'))
    .where('id', '=', id)
    .where('subject', '=', subject)
    .where('repository_id', '=', (eb) =>
      eb.selectFrom('repositories').select('repositories.id').where('name', '=', repository),
    );

export interface Claim extends SessionKey {
  readonly writer: string;
  readonly leaseSeconds: number;
  readonly finalKey: string | null;
}

/** Never replaces a recorded final key: an object may lie under it, and nothing else would name it. */
export const claimSession = (db: Db, { id, repository, subject, writer, leaseSeconds, finalKey }: Claim) =>
  db
    .updateTable('upload_sessions')
    .set({
      writer,
      writer_until: seconds(leaseSeconds),
      final_key: sql`coalesce(final_key, ${finalKey}::text)`,
    })
    .where('id', '=', id)
    .where('subject', '=', subject)
    .where('repository_id', '=', (eb) =>
      eb.selectFrom('repositories').select('repositories.id').where('name', '=', repository),
    )
    .where(sql<boolean>`(writer is null or writer_until <= now() or writer = ${writer})`)
    .where(sql<boolean>`(final_key is null or ${finalKey}::text is null or final_key = ${finalKey})`)
    .returning(sessionColumns);

export interface Held {
  readonly id: string;
  readonly writer: string;
}

export const renewSessionLease = (db: Db, { id, writer }: Held, leaseSeconds: number) =>
  db
    .updateTable('upload_sessions')
    .set({ writer_until: seconds(leaseSeconds) })
    .where('id', '=', id)
    .where('writer', '=', writer)
    .returning('id');

export interface Progress extends Held {
  readonly offset: number;
  readonly driverState: string | null;
  readonly hashState: Buffer | null;
  readonly digestSoFar: Buffer | null;
  readonly lifetimeSeconds: number;
}

export const saveSessionProgress = (db: Db, progress: Progress) =>
  db
    .updateTable('upload_sessions')
    .set({
      offset: progress.offset,
      driver_state: progress.driverState,
      hash_state: progress.hashState,
      digest_so_far: progress.digestSoFar,
      expires_at: seconds(progress.lifetimeSeconds),
    })
    .where('id', '=', progress.id)
    .where('writer', '=', progress.writer)
    .returning('id');

export const saveSessionProgressAndRelease = (db: Db, progress: Progress) =>
  saveSessionProgress(db, progress).set({ writer: null, writer_until: null });

export const releaseSession = (db: Db, { id, writer }: Held) =>
  db
    .updateTable('upload_sessions')
    .set({ writer: null, writer_until: null })
    .where('id', '=', id)
    .where('writer', '=', writer)
    .returning('id');

/** Also forgets the final key: the writer says that it stored nothing there. */
export const releaseSessionAndFinalKey = (db: Db, held: Held) =>
  releaseSession(db, held).set({ final_key: null });

export const deleteSession = (tx: Tx, { id, writer }: Held) =>
  tx
    .deleteFrom('upload_sessions')
    .where('id', '=', id)
    .where('writer', '=', writer)
    .returning(['repository_id', 'storage_key', 'final_key']);

/** Ends sessions and puts both keys of each into the trash, in one statement. @param due selects and locks the ids of the sessions */
const endSessions = (due: RawBuilder<unknown>, notBeforeSeconds: number) => sql<{ id: string }>`
  with due as (${due}), gone as (
    delete from upload_sessions session using due where session.id = due.id
    returning session.id, session.storage_key, session.final_key
  ), trashed as (
    insert into blob_trash (storage_key, not_before)
    select key, now() + make_interval(secs => ${notBeforeSeconds})
    from gone, unnest(array[storage_key, final_key]) as key
    where key is not null
  )
  select id from gone`;

export const cancelSession = ({ id, repository, subject }: SessionKey, notBeforeSeconds: number) =>
  endSessions(
    sql`
    select id from upload_sessions
    where id = ${id} and subject = ${subject}
      and repository_id = (select id from repositories where name = ${repository})
    for update skip locked`,
    notBeforeSeconds,
  );

/** Skips a session with a writer until its lease ends. */
export const expireSessions = (limit: number, notBeforeSeconds: number) =>
  endSessions(
    sql`
    select id from upload_sessions
    where expires_at <= now() and (writer_until is null or writer_until <= now())
    order by expires_at limit ${limit}
    for update skip locked`,
    notBeforeSeconds,
  );

/**
 * Selects sessions that hold bytes and would expire within `withinSeconds`. Progress extends the expiry, so they have been idle for the rest of their
 * lifetime.
 */
export const expireSessionsWithBytes = (limit: number, notBeforeSeconds: number, withinSeconds: number) =>
  endSessions(
    sql`
    select id from upload_sessions
    where expires_at <= ${seconds(withinSeconds)} and "offset" > 0 and (writer_until is null or writer_until <= now())
    order by expires_at limit ${limit}
    for update skip locked`,
    notBeforeSeconds,
  );

/** Selects the keys that an open session still needs. */
export const selectSessionKeys = (db: Db, storageKeys: readonly string[]) =>
  db
    .selectFrom('upload_sessions')
    .select('storage_key')
    .where('storage_key', '=', sql<string>`any(${storageKeys}::text[])`);
