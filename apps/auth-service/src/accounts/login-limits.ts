import { createHash } from 'node:crypto';
import { RecentMap } from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import { clientNetwork } from '@longshore/service-kit';
import { FailureBudget } from './failure-budget.ts';

/** An account that a client tries to log in to. */
export interface Attempt {
  /** The client's address. Empty if unknown. */
  readonly address: string;
  readonly username: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** Most remembered entries of each kind: pairs, addresses and accounts. */
const mostKeys = 20_000;

/**
 * How far a client is trusted before its password is compared. `known`: its address has logged in to the account within a day. `neighbour`: its
 * address has logged in to another account within a day. `stranger`: neither.
 */
export type Standing = 'known' | 'neighbour' | 'stranger';

/** CPU time, in milliseconds, that failures of one address may take at once, and the milliseconds after which they may take one more: 5 % of a core. */
const workOfAddress = { burst: 2000, interval: 20 };

interface Keys {
  readonly pair: string;
  readonly address: string;
  readonly account: string;
}

/**
 * Limits on compared wrong passwords. One account from one address: ten at once, then six a minute. One address, and one account: sixty at once, then
 * one a second. An address that has logged in to the account within a day is known; only the first limit applies to it, so nobody can lock it out
 * from elsewhere. An unknown account counts like any other; otherwise the limit would reveal which accounts exist.
 *
 * Besides the number, the work is limited: failures of one address may take two seconds of CPU time at once, then 5 % of a core.
 */
export class LoginLimits {
  readonly #pairs: FailureBudget;
  readonly #addresses: FailureBudget;
  readonly #accounts: FailureBudget;
  readonly #work: FailureBudget;
  readonly #known = new RecentMap<string, number>(mostKeys);
  readonly #neighbours = new RecentMap<string, number>(mostKeys);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    const common = { keys: mostKeys, now };
    this.#pairs = new FailureBudget({ ...common, burst: 10, interval: minute / 6 });
    this.#addresses = new FailureBudget({ ...common, burst: 60, interval: 1000 });
    this.#accounts = new FailureBudget({ ...common, burst: 60, interval: 1000 });
    this.#work = new FailureBudget({ ...common, ...workOfAddress });
  }

  /** @throws OciError TOOMANYREQUESTS while the attempt must wait. Call it before comparing any password; otherwise a guess would be free. */
  check(attempt: Attempt): void {
    const keys = keysOf(attempt);
    refuseFor(
      Math.max(this.#waitForWork(keys), ...this.#budgets(keys).map(([budget, key]) => budget.wait(key))),
    );
  }

  /** Looks again when the attempt's turn has come. @throws OciError TOOMANYREQUESTS if the address has used up its work while the attempt waited */
  checkWork(attempt: Attempt): void {
    refuseFor(this.#waitForWork(keysOf(attempt)));
  }

  /** Counts the CPU time of a failed attempt, in milliseconds. */
  worked(attempt: Attempt, milliseconds: number): void {
    const { pair, address } = keysOf(attempt);
    if (!this.#isKnown(pair)) this.#work.take(address, milliseconds);
  }

  /**
   * Counts the attempt as a failure until its outcome is known, so that concurrent attempts do not pass together.
   * @returns callbacks for the outcome; without a call it stays a failure
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
      this.#neighbours.set(keys.address, this.#now() + day);
    };
    return { succeeded, cancelled };
  }

  /** Returns the attempt's flows in a fair queue. A known address does not wait for the attempts of others. */
  flows(attempt: Attempt): string[] {
    const { pair, address, account } = keysOf(attempt);
    return this.#isKnown(pair) ? [pair] : [address, account];
  }

  standing(attempt: Attempt): Standing {
    const { pair, address } = keysOf(attempt);
    if (this.#isKnown(pair)) return 'known';
    return (this.#neighbours.get(address) ?? 0) > this.#now() ? 'neighbour' : 'stranger';
  }

  #waitForWork({ pair, address }: Keys): number {
    return this.#isKnown(pair) ? 0 : this.#work.wait(address);
  }

  #budgets({ pair, address, account }: Keys): (readonly [FailureBudget, string])[] {
    const own = [this.#pairs, pair] as const;
    return this.#isKnown(pair) ? [own] : [own, [this.#addresses, address], [this.#accounts, account]];
  }

  #isKnown(pair: string): boolean {
    return (this.#known.get(pair) ?? 0) > this.#now();
  }
}

function refuseFor(wait: number): void {
  if (wait <= 0) return;
  const seconds = Math.ceil(wait / 1000);
  throw new OciError(
    'TOOMANYREQUESTS',
    { reason: `too many wrong passwords; try again in ${seconds} s` },
    { headers: { 'retry-after': String(seconds) } },
  );
}

/** Makes keys of one length, however long an invented name is. */
function keysOf({ address, username }: Attempt): Keys {
  const network = clientNetwork(address);
  return {
    pair: `pair ${digest(`${network}\n${username}`)}`,
    address: `address ${network}`,
    account: `account ${digest(username)}`,
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64');
