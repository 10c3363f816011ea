import { createHash } from 'node:crypto';
import { RecentMap } from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import { clientNetwork } from './client-network.ts';
import { FailureBudget } from './failure-budget.ts';

/** Who tries to log in as whom. */
export interface Attempt {
  /** The client's address; empty when it is not known. */
  readonly address: string;
  readonly username: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** Pairs, addresses and accounts that are remembered, each. */
const mostKeys = 20_000;

interface Keys {
  readonly pair: string;
  readonly address: string;
  readonly account: string;
}

/**
 * How many wrong passwords are compared: for one account from one address ten at once and then six a minute; for one address, and for
 * one account, sixty at once and then one a second. An address that has logged in to the account within a day is known: it is held
 * to the first limit only, so that nobody can lock it out from elsewhere. An unknown account is counted like any other, or the limit would
 * tell which accounts there are.
 */
export class LoginLimits {
  readonly #pairs: FailureBudget;
  readonly #addresses: FailureBudget;
  readonly #accounts: FailureBudget;
  readonly #known = new RecentMap<string, number>(mostKeys);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    const common = { keys: mostKeys, now };
    this.#pairs = new FailureBudget({ ...common, burst: 10, interval: minute / 6 });
    this.#addresses = new FailureBudget({ ...common, burst: 60, interval: 1000 });
    this.#accounts = new FailureBudget({ ...common, burst: 60, interval: 1000 });
  }

  /** @throws OciError TOOMANYREQUESTS while the attempt has to wait. To be asked before any password is looked at, or a guess could be tried for free. */
  check(attempt: Attempt): void {
    const keys = keysOf(attempt);
    const wait = Math.max(...this.#budgets(keys).map(([budget, key]) => budget.wait(key)));
    if (wait <= 0) return;
    const seconds = Math.ceil(wait / 1000);
    throw new OciError(
      'TOOMANYREQUESTS',
      { reason: `too many wrong passwords; try again in ${seconds} s` },
      { headers: { 'retry-after': String(seconds) } },
    );
  }

  /**
   * Counts the attempt as a failure until it is known to be none, so that attempts at the same time do not pass together.
   * @returns what says how it ended; nothing said means wrong
   */
  begin(attempt: Attempt): { succeeded(): void; cancelled(): void } {
    const keys = keysOf(attempt);
    const budgets = this.#budgets(keys);
    for (const [budget, key] of budgets) budget.take(key);
    const cancelled = (): void => {
      for (const [budget, key] of budgets) budget.giveBack(key);
    };
    const succeeded = (): void => {
      cancelled();
      this.#pairs.clear(keys.pair);
      this.#known.set(keys.pair, this.#now() + day);
    };
    return { succeeded, cancelled };
  }

  /** What the attempt counts for in a fair queue: a known address waits for nobody else's attempts. */
  flows(attempt: Attempt): string[] {
    const { pair, address, account } = keysOf(attempt);
    return this.#isKnown(pair) ? [pair] : [address, account];
  }

  #budgets({ pair, address, account }: Keys): (readonly [FailureBudget, string])[] {
    const own = [this.#pairs, pair] as const;
    return this.#isKnown(pair) ? [own] : [own, [this.#addresses, address], [this.#accounts, account]];
  }

  #isKnown(pair: string): boolean {
    return (this.#known.get(pair) ?? 0) > this.#now();
  }
}

/** Of one length, however long a name is that somebody makes up. */
function keysOf({ address, username }: Attempt): Keys {
  const network = clientNetwork(address);
  return {
    pair: `pair ${digest(`${network}\n${username}`)}`,
    address: `address ${network}`,
    account: `account ${digest(username)}`,
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64');
