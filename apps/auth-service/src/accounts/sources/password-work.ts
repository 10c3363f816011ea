import { randomBytes } from 'node:crypto';

/** Work for one password. */
export interface PasswordWork {
  /** The account's hash, or one that matches no password. */
  readonly hash: string;
  /** Hashes that match no password. A wrong password is also compared with these. */
  readonly padding: readonly string[];
}

/**
 * The prefixes that distribution reads. It compares all of them as `$2b$`. `$2x$` and `$2$` marked faults of old versions, which change only the
 * hashes of passwords that are not ASCII, or longer than bcrypt reads.
 */
const bcryptForm = /^\$2[abxy]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** Returns the cost of a bcrypt hash; NaN for another text. */
export const costOf = (hash: string): number => Number(bcryptForm.exec(hash)?.[1] ?? Number.NaN);

/**
 * A cost of c is 2^c rounds. With decoys of the costs c, c+1, … C-1 a wrong password takes 2^C rounds in sum, where C is the highest cost of all
 * accounts. So timing reveals neither unknown names nor accounts with another cost.
 * @param hash undefined for a name without one
 */
export function passwordWork(hash: string | undefined, highest: number): PasswordWork {
  if (hash === undefined) return { hash: decoyOf(highest), padding: [] };
  const padding = Array.from({ length: Math.max(0, highest - costOf(hash)) }, (_, index) =>
    decoyOf(costOf(hash) + index),
  );
  return { hash: hash.replace(/^\$2[axy]?\$/, '$$2b$$'), padding };
}

const decoys = new Map<number, string>();

function decoyOf(cost: number): string {
  const known = decoys.get(cost);
  if (known !== undefined) return known;
  const letters = randomBytes(53).toString('base64').replaceAll('+', '.').slice(0, 53);
  const decoy = `$2b$${String(cost).padStart(2, '0')}$${letters}`;
  decoys.set(cost, decoy);
  return decoy;
}
