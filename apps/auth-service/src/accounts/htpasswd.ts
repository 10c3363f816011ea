import { randomBytes } from 'node:crypto';

export interface Accounts {
  /** The bcrypt hash of each account. */
  readonly hashes: ReadonlyMap<string, string>;
  /** A hash that no password has, as costly as those of the accounts: an unknown name must not be told by its speed. */
  readonly decoy: string;
  /** Lines that give nobody access, with the reason; they hold nothing of the line itself. */
  readonly complaints: readonly string[];
}

const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** A cost above it takes longer than a client waits. */
const maximumCost = 16;
const defaultCost = 10;

/** Reads htpasswd's format, `name:hash` on each line. Of a name that comes twice the last line counts, as in distribution. */
export function parseHtpasswd(text: string): Accounts {
  const hashes = new Map<string, string>();
  const complaints: string[] = [];
  const costs: number[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const hash = line.slice(colon + 1);
    const cost = Number(bcryptForm.exec(hash)?.[1] ?? Number.NaN);
    if (colon > 0 && cost >= 4 && cost <= maximumCost) {
      hashes.set(line.slice(0, colon), hash);
      costs.push(cost);
    } else if (colon > 0)
      complaints.push(
        `line ${index + 1}: the hash is not bcrypt with a cost from 4 to ${maximumCost} (htpasswd -B)`,
      );
    else complaints.push(`line ${index + 1}: not of the form name:hash`);
  }
  return { hashes, complaints, decoy: decoyOf(mostCommon(costs) ?? defaultCost) };
}

function decoyOf(cost: number): string {
  const letters = randomBytes(53).toString('base64').replaceAll('+', '.').slice(0, 53);
  return `$2b$${String(cost).padStart(2, '0')}$${letters}`;
}

function mostCommon(costs: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const cost of costs) counts.set(cost, (counts.get(cost) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
