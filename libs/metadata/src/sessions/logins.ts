import { AccountError } from '@longshore/authorization';
import { selectUserById } from '../accounts/users.queries.ts';
import { rememberExternalUser } from '../accounts/users.ts';
import { voidCredentials } from '../credentials/marks.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import {
  claimDueLogin,
  confirmLoginRow,
  deleteIdleLogins,
  deleteLogin,
  deleteLoginsOf,
  insertLogin,
  postponeLogin,
} from './logins.queries.ts';
import {
  endPerson,
  type PersonRow,
  selectPerson,
  updateExternalGroups,
  upsertPerson,
} from './people.queries.ts';
import { insertSession } from './sessions.queries.ts';

/** What a provider says of a person. */
export interface OidcPerson {
  readonly provider: string;
  /** The claim `sub`: it identifies the person at the provider. */
  readonly externalId: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface NewOidcLogin {
  readonly id: string;
  /** Hash of the login's state. A callback that is replayed has the same one. */
  readonly attempt: Uint8Array;
  /** The provider's session (`sid`), if it tells. */
  readonly providerSession: string | undefined;
  /** Sealed. */
  readonly tokens: Uint8Array;
  readonly isOffline: boolean;
  /** True if the tokens can confirm the person again. */
  readonly isRenewable: boolean;
  /** Seconds until the person is confirmed again. */
  readonly confirmSeconds: number;
  /** Seconds. */
  readonly lifeSeconds: number;
}

export interface NewSession {
  readonly id: string;
  readonly secretHash: Uint8Array;
  /** What the person recognises the session by. */
  readonly device: string;
  /** Seconds. */
  readonly lifeSeconds: number;
}

export type LoginOutcome =
  | { readonly kind: 'logged in'; readonly userName: string }
  /** The callback had already become a login. */
  | { readonly kind: 'replayed' }
  /** Another person, or another source of accounts, has the name. */
  | { readonly kind: 'name taken' }
  /** No account can have the name. */
  | { readonly kind: 'no name' }
  /** An administrator has disabled the account. */
  | { readonly kind: 'disabled' };

/** Returns the source of the accounts of a provider's people. */
export const sourceOf = (provider: string): string => `oidc:${provider}`;

/**
 * Records a login, and the session of the browser that made it. The person's first login makes the account.
 * @param userName the name of the account
 */
export async function recordLogin(
  db: Db,
  input: {
    readonly person: OidcPerson;
    readonly userName: string;
    readonly login: NewOidcLogin;
    readonly session: NewSession;
  },
): Promise<LoginOutcome> {
  const { person, userName, login, session } = input;
  try {
    return await transact<LoginOutcome>(db, async (tx, rollBack) => {
      const source = sourceOf(person.provider);
      const { externalId, groups } = person;
      const user = await rememberExternalUser(tx, { source, externalId, name: userName, groups });
      if (user.disabled) throw rollBack({ kind: 'disabled' });
      await upsertPerson(tx, personRow(user.id, person)).execute();
      const row = {
        id: login.id,
        user_id: user.id,
        provider: person.provider,
        attempt: Buffer.from(login.attempt),
        provider_session: login.providerSession ?? null,
        tokens: Buffer.from(login.tokens),
        is_offline: login.isOffline,
        is_renewable: login.isRenewable,
      };
      if ((await insertLogin(tx, row, login).executeTakeFirst()) === undefined)
        throw rollBack({ kind: 'replayed' });
      await addSession(tx, { ...session, loginId: login.id, kind: 'browser' });
      await deleteIdleLogins(tx, row).execute();
      return { kind: 'logged in', userName: user.name };
    });
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    return { kind: error.kind === 'invalid' ? 'no name' : 'name taken' };
  }
}

export async function addSession(
  tx: Tx,
  session: NewSession & { readonly loginId: string; readonly kind: 'browser' | 'device' },
): Promise<void> {
  const { id, loginId, kind, secretHash, device, lifeSeconds } = session;
  const row = { id, login_id: loginId, kind, secret_hash: Buffer.from(secretHash), device };
  await insertSession(tx, row, lifeSeconds).execute();
}

export interface DueLogin {
  readonly id: string;
  readonly provider: string;
  readonly externalId: string;
  readonly tokens: Uint8Array;
  /** The confirmations that failed before, and this one. */
  readonly attempts: number;
}

/** Claims a login that its provider has to confirm again. Any number of replicas may ask: each login is given to one, until the lease ends. */
export async function dueLogin(db: Db, leaseSeconds: number): Promise<DueLogin | undefined> {
  const row = await claimDueLogin(db, leaseSeconds).executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, provider, external_id: externalId, tokens, attempts } = row;
  return { id, provider, externalId: externalId ?? '', tokens, attempts };
}

/** Stores what the provider says now. @returns false if the login has ended meanwhile */
export function confirmLogin(
  db: Db,
  input: {
    readonly id: string;
    readonly person: OidcPerson;
    readonly tokens: Uint8Array;
    readonly confirmSeconds: number;
  },
): Promise<boolean> {
  const { id, person, tokens, confirmSeconds } = input;
  return transact(db, async (tx) => {
    const row = { id, tokens: Buffer.from(tokens), confirmSeconds };
    const confirmed = await confirmLoginRow(tx, row).executeTakeFirst();
    if (confirmed === undefined) return false;
    await upsertPerson(tx, personRow(confirmed.user_id, person)).execute();
    await replaceGroups(tx, confirmed.user_id, person.groups);
    return true;
  });
}

export async function postponeConfirmation(db: Db, id: string, seconds: number): Promise<void> {
  await postponeLogin(db, id, seconds).execute();
}

/**
 * Ends a login that the provider does not confirm any more, with its sessions. A login with offline access ends only with the person or the consent,
 * so the user's groups end, too, and its access tokens count no longer.
 */
export function endUnconfirmedLogin(db: Db, id: string): Promise<void> {
  return transact(db, async (tx) => {
    const ended = await deleteLogin(tx, id).executeTakeFirst();
    if (ended === undefined) return;
    await voidUser(tx, ended.user_id);
    if (!ended.is_offline) return;
    await endPerson(tx, ended.user_id).execute();
    await updateExternalGroups(ended.user_id, []).execute(tx);
  });
}

/** Ends every session of a user. @returns how many logins ended */
export function endLoginsOf(db: Db, userId: number): Promise<number> {
  return transact(db, async (tx) => {
    const ended = await deleteLoginsOf(tx, userId).execute();
    if (ended.length > 0) await voidUser(tx, userId);
    return ended.length;
  });
}

/** Tokens carry the groups that they were issued with, so they end with a group. */
async function replaceGroups(tx: Tx, userId: number, groups: readonly string[]): Promise<void> {
  const { numAffectedRows = 0n } = await updateExternalGroups(userId, groups).execute(tx);
  if (numAffectedRows > 0n) await voidUser(tx, userId);
}

async function voidUser(tx: Tx, userId: number): Promise<void> {
  const { name } = await selectUserById(tx, userId).executeTakeFirstOrThrow();
  await voidCredentials(tx, { kind: 'user', name });
}

/** A person as the provider last described it. */
export interface KnownPerson {
  readonly userId: number;
  readonly claims: Readonly<Record<string, unknown>>;
  /** True if the provider gives the person no access any more. */
  readonly hasEnded: boolean;
}

/** @param source as of the user's account, `oidc:` and the provider */
export async function personOfSource(
  db: Db,
  source: string,
  externalId: string,
): Promise<KnownPerson | undefined> {
  const row = await selectPerson(db, source, externalId).executeTakeFirst();
  return row && { userId: row.id, claims: row.claims, hasEnded: row.ended_at !== null };
}

function personRow(userId: number, { email, claims }: OidcPerson): PersonRow {
  return { user_id: userId, email: email ?? null, claims: JSON.stringify(claims) };
}
