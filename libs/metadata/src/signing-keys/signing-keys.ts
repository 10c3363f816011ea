import { AccountError } from '@longshore/authorization';
import type { Change } from '../accounts/change.ts';
import { voidCredentials } from '../credentials/marks.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { type KeyState, keyStates } from './key-states.ts';
import {
  deleteSigningKey,
  deleteSigningKeys,
  demandSuccessor,
  insertSigningKey,
  lockSigningKeys,
  retireSigningKeyRow,
  selectSigningKeys,
} from './signing-keys.queries.ts';

export interface NewSigningKey {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** In the format of auth-service, encrypted or not. */
  readonly privateKey: Uint8Array;
}

export interface SigningKey extends NewSigningKey {
  readonly createdAt: Date;
  /** Time from which the key signs. It verifies from the start. */
  readonly signsFrom: Date;
  /** Time from which a successor has to sign, if one was asked for. */
  readonly replaceFrom: Date | undefined;
  /** Time at which the key stopped signing. It verifies until it is forgotten. */
  readonly retiredAt: Date | undefined;
}

/** Seconds that a new key is published before it signs: twice the time that verifiers keep a set without asking. */
export const publishedBefore = 1200;

/** Seconds until a key that was asked for signs: those of any new key, or what the doors of this registry need. */
export const rotationOverlap = { usual: publishedBefore, now: 5 } as const;

/** All keys that verify, newest first. */
export async function signingKeys(db: Db): Promise<SigningKey[]> {
  const rows = await selectSigningKeys(db).execute();
  return rows.map((row) => ({
    kid: row.kid,
    publicJwk: row.public_jwk,
    privateKey: row.private_key,
    createdAt: row.created_at,
    signsFrom: row.signs_from ?? new Date(row.created_at.getTime() + publishedBefore * 1000),
    replaceFrom: row.replace_from ?? undefined,
    retiredAt: row.retired_at ?? undefined,
  }));
}

/**
 * Returns the newest key that signs or will. Calls `generate` if there is none, if the newest is older than `maximumAgeSeconds` or of another
 * algorithm, or if a successor was asked for. Replicas that ask at the same time get the same key.
 */
export async function ensureSigningKey(
  db: Db,
  input: {
    readonly generate: () => Promise<NewSigningKey>;
    readonly algorithm: string;
    readonly maximumAgeSeconds: number;
  },
): Promise<SigningKey> {
  const oldest = Date.now() - input.maximumAgeSeconds * 1000;
  const current = (keys: readonly SigningKey[]) =>
    keys.find(
      ({ retiredAt, replaceFrom, createdAt, publicJwk }) =>
        retiredAt === undefined &&
        replaceFrom === undefined &&
        createdAt.getTime() > oldest &&
        publicJwk['alg'] === input.algorithm,
    );
  const found = current(await signingKeys(db));
  if (found !== undefined) return found;
  return transact<SigningKey>(db, async (tx) => {
    await lockSigningKeys.execute(tx);
    const known = await signingKeys(tx);
    const made = current(known);
    if (made !== undefined) return made;
    const key = await input.generate();
    const row = { ...key, publicJwk: JSON.stringify(key.publicJwk), privateKey: Buffer.from(key.privateKey) };
    await insertSigningKey(tx, { ...row, signsFrom: successionOf(known) }).execute();
    const stored = (await signingKeys(tx)).find((candidate) => candidate.kid === key.kid);
    if (stored === undefined) throw new Error(`signing key ${key.kid} was not stored`);
    return stored;
  });
}

/** Returns the time from which a new key signs: at once if no other key does. */
function successionOf(known: readonly SigningKey[]): Date {
  const predecessor = known.find(({ retiredAt }) => retiredAt === undefined);
  if (predecessor === undefined) return new Date();
  return predecessor.replaceFrom ?? new Date(Date.now() + publishedBefore * 1000);
}

export async function retireSigningKey(db: Db, kid: string): Promise<void> {
  await retireSigningKeyRow(db, kid).execute();
}

/**
 * Asks for a new key, which signs after this many seconds. auth-service makes it within a second or two; keys in use verify until their last token has
 * expired.
 * @returns the ids of the keys that are to be replaced
 * @throws AccountError `refused` if there is no key
 */
export async function rotateSigningKeys(db: Db, input: { readonly afterSeconds: number }): Promise<string[]> {
  const replaced = await demandSuccessor(db, input.afterSeconds).execute();
  if (replaced.length === 0)
    throw new AccountError(
      'refused',
      'there is no key yet: auth-service makes the first one when it starts to issue tokens',
    );
  return replaced.map(({ kid }) => kid);
}

/** Deletes a key, for instance one that leaked, and voids every token that it signed. @throws AccountError `absent` */
export async function revokeSigningKey(tx: Tx, kid: string): Promise<Change<KeyState>> {
  await lockSigningKeys.execute(tx);
  const before = keyStates(await signingKeys(tx)).find((key) => key.kid === kid);
  if (before === undefined) throw new AccountError('absent', `there is no key ${kid}`);
  await deleteSigningKey(tx, kid).execute();
  await voidCredentials(tx, { kind: 'key', name: kid });
  return { before, after: undefined };
}

/** Deletes keys whose last tokens have expired. Returns their ids. */
export async function forgetSigningKeys(
  db: Db,
  input: { readonly retiredForSeconds: number },
): Promise<string[]> {
  return (await deleteSigningKeys(db, input.retiredForSeconds).execute()).map((row) => row.kid);
}
