import { createHash } from 'node:crypto';
import { type Identity, subjectsOf } from '@longshore/authorization';
import { clientNetwork } from '../http/client-network.ts';

/** How much clients may use in a window (`http.ratelimits`). 0: no limit. */
export interface RateRule {
  /** Milliseconds. */
  readonly window: number;
  /** Of the clients without an account in one network, together. */
  readonly anonymous: number;
  /** Of each account. */
  readonly accounts: number;
  readonly exceptions: readonly { readonly subjects: readonly string[]; readonly limit: number }[];
}

/** Whose use counts together. */
export interface Payer {
  readonly key: string;
  readonly whose: 'account' | 'address';
}

/** Characters of a key. A workload's subject comes from its provider and may be of any length. */
const longestKey = 160;

/** Returns the account of the client, or its network if it has none. A token of an external server may name nobody. */
export function payerOf({ kind, subject }: Identity, address: string): Payer {
  if (kind === 'anyone' || kind === 'anonymous' || subject === '')
    return { key: clientNetwork(address), whose: 'address' };
  const name = `${kind}:${subject}`;
  const key = name.length <= longestKey ? name : `${kind}#${createHash('sha256').update(name).digest('hex')}`;
  return { key, whose: 'account' };
}

/** Returns how often the payer may ask in a window; 0 if it has no limit. */
export function limitOf(
  { anonymous, accounts, exceptions }: RateRule,
  { whose }: Payer,
  identity: Identity,
): number {
  if (whose === 'address') return anonymous;
  if (exceptions.length === 0) return accounts;
  const names = subjectsOf(identity);
  const found = exceptions.find(({ subjects }) => subjects.some((subject) => names.includes(subject)));
  return found?.limit ?? accounts;
}

/** True if the rule limits anybody. */
export const isInForce = ({ anonymous, accounts, exceptions }: RateRule): boolean =>
  anonymous > 0 || accounts > 0 || exceptions.some(({ limit }) => limit > 0);
