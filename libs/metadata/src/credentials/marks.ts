import type { MarkKind } from '@longshore/authorization';
import { transact, type Db, type Tx } from '../transact.ts';
import { isUuid } from '../uuid.ts';
import {
  deleteEndedMarks,
  endFamiliesOf,
  lockFileAccounts,
  type MarkPosition,
  selectHorizon,
  selectMarks,
  syncFileAccounts,
  upsertMarks,
} from './marks.queries.ts';

/** Seconds that a mark stays: longer than any access token lives (`auth.token.expiration` is at most a day). */
const markLifetime = 25 * 3600;

/** Credentials that are void from now on. */
export interface VoidCredentials {
  /** `Mark` of libs/authorization says what each kind means. */
  readonly kind: MarkKind;
  readonly name: string;
  /** Fingerprint of the valid password; '' if there is none. For `password` only. */
  readonly keeps?: string | undefined;
}

/**
 * Voids credentials in use. Every door refuses them about a second after the transaction has been committed. A user's or credential's mark ends its
 * refresh tokens as well; so does the id of a family.
 */
export async function voidCredentials(
  db: Db | Tx,
  ...credentials: readonly VoidCredentials[]
): Promise<void> {
  if (credentials.length === 0) return;
  const rows = credentials.map(({ kind, name, keeps }) => ({ kind, name, keeps: keeps ?? null }));
  await upsertMarks(rows, markLifetime).execute(db);
  const named = (kind: MarkKind): string[] =>
    credentials.filter((each) => each.kind === kind).map(({ name }) => name);
  const [users, used] = [named('user'), named('credential')];
  // Refresh tokens live longer than marks.
  if (users.length + used.length > 0) await endFamiliesOf(users, used, used.filter(isUuid)).execute(db);
}

export interface CredentialMark extends VoidCredentials {
  /** Credentials issued earlier are void. */
  readonly before: Date;
}

export interface MarksPage {
  readonly marks: readonly CredentialMark[];
  /** Give it to the next call to get only newer marks. Valid once the last page was read; the first page's value counts. */
  readonly version: string;
  /** Changes with the set of signing keys. */
  readonly keys: string;
  /** Changes with the rules of access in the database. */
  readonly rules: string;
  /** Give it to the next call to get the next page. Undefined on the last one. */
  readonly next: string | undefined;
}

const start: MarkPosition = { writtenBy: '0', kind: '', name: '' };

/**
 * Lists the marks that were written since a version, and again those of transactions that ran at that time. Without one, or with one of another
 * database, it lists all.
 */
export async function marksSince(
  db: Db,
  { since, from, limit }: { since?: string | undefined; from?: string | undefined; limit: number },
): Promise<MarksPage> {
  const [{ horizon, keys, rules } = { horizon: '0', keys: null, rules: null }] = (
    await selectHorizon.execute(db)
  ).rows;
  const known = since !== undefined && isVersion(since) && BigInt(since) <= BigInt(horizon) ? since : '0';
  const { rows } = await selectMarks(known, positionOf(from), limit).execute(db);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    marks: rows.map(({ kind, name, keeps, before }) => ({ kind, name, before, keeps: keeps ?? undefined })),
    version: horizon,
    keys: keys ?? '',
    rules: rules ?? '',
    next: last && JSON.stringify([last.written_by, last.kind, last.name]),
  };
}

const isVersion = (text: string): boolean => /^\d{1,19}$/.test(text);

function positionOf(from: string | undefined): MarkPosition {
  if (from === undefined) return start;
  const parts: unknown = JSON.parse(from);
  if (!Array.isArray(parts)) return start;
  const [writtenBy, kind, name] = parts.map(String);
  return isVersion(writtenBy ?? '')
    ? { writtenBy: writtenBy ?? '0', kind: kind ?? '', name: name ?? '' }
    : start;
}

export async function forgetEndedMarks(db: Db): Promise<void> {
  await deleteEndedMarks(db).execute();
}

/**
 * Remembers the accounts of the htpasswd file, and voids the credentials of those whose password changed or that are gone. Any number of replicas
 * may call it with the same file.
 * @param accounts fingerprints of the passwords by name
 * @param changed accounts that the caller saw change; they are marked even if another replica was first, since this one may have admitted the old
 *   password meanwhile
 */
export async function recordFileAccounts(
  db: Db,
  { accounts, changed = [] }: { accounts: ReadonlyMap<string, string>; changed?: readonly string[] },
): Promise<void> {
  await transact(db, async (tx) => {
    await lockFileAccounts.execute(tx);
    const { rows } = await syncFileAccounts([...accounts.keys()], [...accounts.values()]).execute(tx);
    const names = new Set([...rows.map(({ name }) => name), ...changed]);
    const marks = [...names].flatMap((name): VoidCredentials[] => [
      { kind: 'password', name, keeps: accounts.get(name) ?? '' },
    ]);
    await voidCredentials(tx, ...marks);
  });
}
