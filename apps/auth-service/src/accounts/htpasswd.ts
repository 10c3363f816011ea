import { randomBytes } from 'node:crypto';

export interface Accounts {
  /** The bcrypt hash of each account. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Returns the hashes to compare a password with, for any name: every wrong password of a file costs the same work. */
  workFor(username: string): PasswordWork;
  /** Lines that give no access, with the reason. Contains no text of the lines. */
  readonly complaints: readonly string[];
}

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
const minimumCost = 4;
/** A higher cost takes longer than a client waits. */
const maximumCost = 16;
const defaultCost = 10;

/**
 * Parses htpasswd's format, `name:hash` on each line. As in distribution, blanks around a line are ignored, and the last line of a repeated name
 * counts.
 */
export function parseHtpasswd(text: string): Accounts {
  const hashes = new Map<string, string>();
  const complaints: string[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((each) => each.trim())
    .entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const hash = line.slice(colon + 1);
    const cost = costOf(hash);
    if (colon > 0 && cost >= minimumCost && cost <= maximumCost) {
      hashes.set(line.slice(0, colon), hash);
    } else if (colon > 0)
      complaints.push(
        `line ${index + 1}: the hash is not bcrypt with a cost from ${minimumCost} to ${maximumCost} (htpasswd -B)`,
      );
    else complaints.push(`line ${index + 1}: not of the form name:hash`);
  }
  return { hashes, complaints, workFor: workOf(hashes) };
}

const costOf = (hash: string): number => Number(bcryptForm.exec(hash)?.[1] ?? Number.NaN);

/**
 * A cost of c is 2^c rounds. With decoys of the costs c, c+1, … C-1 a wrong password takes 2^C rounds in sum, where C is the highest cost in the
 * file. So timing reveals neither unknown names nor accounts with another cost.
 */
function workOf(hashes: ReadonlyMap<string, string>): (username: string) => PasswordWork {
  const highest = hashes.size === 0 ? defaultCost : Math.max(...[...hashes.values()].map(costOf));
  const decoys = Array.from({ length: highest + 1 }, (_, cost) => decoyOf(cost));
  return (username) => {
    const hash = hashes.get(username);
    return hash === undefined
      ? { hash: decoys[highest] ?? decoyOf(highest), padding: [] }
      : { hash: hash.replace(/^\$2[axy]?\$/, '$$2b$$'), padding: decoys.slice(costOf(hash), highest) };
  };
}

function decoyOf(cost: number): string {
  const letters = randomBytes(53).toString('base64').replaceAll('+', '.').slice(0, 53);
  return `$2b$${String(cost).padStart(2, '0')}$${letters}`;
}
