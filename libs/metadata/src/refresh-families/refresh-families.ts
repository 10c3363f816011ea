import { voidCredentials } from '../credentials/marks.ts';
import { transact, type Db } from '../transact.ts';
import {
  deleteEndedFamilies,
  insertFamily,
  lockFamily,
  rotateFamily,
  selectFamily,
} from './refresh-families.queries.ts';

export interface NewRefreshFamily {
  readonly id: string;
  readonly subject: string;
  /** Id of the credential of the login, if it has one. */
  readonly gotWith?: string | undefined;
  /** True if each use replaces the token. */
  readonly rotates: boolean;
  readonly lifetimeSeconds: number;
}

/** Begins the family of a login. Deletes those that have ended. */
export async function beginRefreshFamily(db: Db, family: NewRefreshFamily): Promise<void> {
  await deleteEndedFamilies(db).execute();
  await insertFamily(db, { ...family, gotWith: family.gotWith ?? null }).execute();
}

export interface UseRefreshToken {
  readonly id: string;
  /** The generation of the presented token. */
  readonly generation: number;
  /** Seconds for which the token before the current one still gets the current one. */
  readonly graceSeconds: number;
}

export type UsedRefreshToken =
  /** The generation of the token that the client has from now on. */
  | { readonly kind: 'valid'; readonly generation: number }
  | { readonly kind: 'ended' }
  /** An old token came again: two hold it. The family is revoked, with every token that was got with it. */
  | { readonly kind: 'reused' };

/** Uses a refresh token. A client that lost the answer, or asks twice at the same time, gets the same successor within the grace. */
export async function useRefreshToken(
  db: Db,
  { id, generation, graceSeconds }: UseRefreshToken,
): Promise<UsedRefreshToken> {
  const known = await selectFamily(db, id).executeTakeFirst();
  if (known === undefined) return { kind: 'ended' };
  if (!known.rotates) return { kind: 'valid', generation: known.generation };
  return transact<UsedRefreshToken>(db, async (tx) => {
    const held = await lockFamily(tx, id, graceSeconds).executeTakeFirst();
    if (held === undefined) return { kind: 'ended' };
    if (generation === held.generation) {
      await rotateFamily(tx, id).execute();
      return { kind: 'valid', generation: generation + 1 };
    }
    if (generation === held.generation - 1 && held.fresh)
      return { kind: 'valid', generation: held.generation };
    await voidCredentials(tx, { kind: 'credential', name: id });
    return { kind: 'reused' };
  });
}
