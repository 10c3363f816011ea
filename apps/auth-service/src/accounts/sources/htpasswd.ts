import { costOf } from './password-work.ts';

export interface Accounts {
  /** The bcrypt hash of each account. */
  readonly hashes: ReadonlyMap<string, string>;
  /** The highest cost of the hashes; 0 if there are none. */
  readonly highestCost: number;
  /** Lines that give no access, with the reason. Contains no text of the lines. */
  readonly complaints: readonly string[];
}

const minimumCost = 4;
/** A higher cost takes longer than a client waits. */
const maximumCost = 16;

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
  return { hashes, complaints, highestCost: Math.max(0, ...[...hashes.values()].map(costOf)) };
}
