import { randomBytes } from 'node:crypto';

export interface Accounts {
  /** The bcrypt hash of each account. */
  readonly hashes: ReadonlyMap<string, string>;
  /** What to compare a password with, for any name: every wrong password of a file costs the same work. */
  workFor(username: string): PasswordWork;
  /** Lines that give nobody access, with the reason; they hold nothing of the line itself. */
  readonly complaints: readonly string[];
}

/** Work for one password. */
export interface PasswordWork {
  /** The account's hash, or one that no password has. */
  readonly hash: string;
  /** Hashes that no password has. A password that did not match is compared with these, too. */
  readonly padding: readonly string[];
}

const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const minimumCost = 4;
/** A cost above it takes longer than a client waits. */
const maximumCost = 16;
const defaultCost = 10;

/**
 * Reads htpasswd's format, `name:hash` on each line. As in distribution, blanks around a line do not count, and of a name that comes twice the
 * last line does.
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
 * A cost of c is 2^c rounds. With decoys of the costs c, c+1, … C-1 a wrong password takes 2^C in sum, where C is the highest cost of the
 * file: neither accounts with another cost nor unknown names are told by their speed.
 */
function workOf(hashes: ReadonlyMap<string, string>): (username: string) => PasswordWork {
  const highest = hashes.size === 0 ? defaultCost : Math.max(...[...hashes.values()].map(costOf));
  const decoys = Array.from({ length: highest + 1 }, (_, cost) => decoyOf(cost));
  return (username) => {
    const hash = hashes.get(username);
    return hash === undefined
      ? { hash: decoys[highest] ?? decoyOf(highest), padding: [] }
      : { hash, padding: decoys.slice(costOf(hash), highest) };
  };
}

function decoyOf(cost: number): string {
  const letters = randomBytes(53).toString('base64').replaceAll('+', '.').slice(0, 53);
  return `$2b$${String(cost).padStart(2, '0')}$${letters}`;
}
