import { transact, type Db } from '../transact.ts';
import {
  deleteSigningKeys,
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
  /** Time at which the key stopped signing. It verifies until it is forgotten. */
  readonly retiredAt: Date | undefined;
}

/** All keys that verify, newest first. */
export async function signingKeys(db: Db): Promise<SigningKey[]> {
  const rows = await selectSigningKeys(db).execute();
  return rows.map((row) => ({
    kid: row.kid,
    publicJwk: row.public_jwk,
    privateKey: row.private_key,
    createdAt: row.created_at,
    retiredAt: row.retired_at ?? undefined,
  }));
}

/**
 * Returns the newest key that signs. Calls `generate` if there is none, or if the newest is older than `maximumAgeSeconds`. Replicas that ask at the
 * same time get the same key.
 */
export async function ensureSigningKey(
  db: Db,
  input: { readonly generate: () => Promise<NewSigningKey>; readonly maximumAgeSeconds: number },
): Promise<SigningKey> {
  const current = (keys: readonly SigningKey[]) =>
    keys.find(
      (key) =>
        key.retiredAt === undefined && key.createdAt.getTime() > Date.now() - input.maximumAgeSeconds * 1000,
    );
  const found = current(await signingKeys(db));
  if (found !== undefined) return found;
  return transact<SigningKey>(db, async (tx) => {
    await lockSigningKeys.execute(tx);
    const made = current(await signingKeys(tx));
    if (made !== undefined) return made;
    const key = await input.generate();
    const row = { ...key, publicJwk: JSON.stringify(key.publicJwk), privateKey: Buffer.from(key.privateKey) };
    await insertSigningKey(tx, row).execute();
    const stored = (await signingKeys(tx)).find((candidate) => candidate.kid === key.kid);
    if (stored === undefined) throw new Error(`signing key ${key.kid} was not stored`);
    return stored;
  });
}

export async function retireSigningKey(db: Db, kid: string): Promise<void> {
  await retireSigningKeyRow(db, kid).execute();
}

/** Deletes keys whose last tokens have expired. Returns their ids. */
export async function forgetSigningKeys(
  db: Db,
  input: { readonly retiredForSeconds: number },
): Promise<string[]> {
  return (await deleteSigningKeys(db, input.retiredForSeconds).execute()).map((row) => row.kid);
}
