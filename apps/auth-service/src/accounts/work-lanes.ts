import { FailureBudget } from './failure-budget.ts';
import { FairQueue } from './fair-queue.ts';
import type { Standing } from './login-limits.ts';

/** CPU time, in milliseconds, that failures of a lane may take at once, and the milliseconds after which they may take one more: 10 % of a core. */
const share = { burst: 4000, interval: 10 };
const lanes: readonly Standing[] = ['known', 'neighbour', 'stranger'];

export interface LaneOptions {
  /** CPU time, in milliseconds, that failures of a lane may take at once. */
  readonly burst?: number | undefined;
  /** Returns the time in milliseconds. */
  readonly now?: (() => number) | undefined;
}

/**
 * Waiting work by the standing of who asks for it, each a fair queue of its own, the better standing first. Failures of neighbours together, and of
 * strangers together, may take a tenth of a core each; beyond it their work waits. Known clients have their own limit (LoginLimits).
 */
export class WorkLanes<T> {
  readonly #queues: Readonly<Record<Standing, FairQueue<T>>>;
  readonly #budget: FailureBudget;

  /** @param maximum most items that wait in each lane */
  constructor(maximum: number, { burst = share.burst, now = Date.now }: LaneOptions = {}) {
    this.#queues = {
      known: new FairQueue(maximum),
      neighbour: new FairQueue(maximum),
      stranger: new FairQueue(maximum),
    };
    this.#budget = new FailureBudget({ ...share, burst, keys: lanes.length, now });
  }

  /** @returns the item that found no room, possibly this one; see FairQueue */
  push(
    item: T,
    { standing, flows }: { readonly standing: Standing; readonly flows: readonly string[] },
  ): T | undefined {
    return this.#queues[standing].push(item, flows);
  }

  /** Returns the next item whose lane may work now. */
  shift(): T | undefined {
    const lane = lanes.find((each) => this.#queues[each].size > 0 && this.#budget.wait(each) === 0);
    return lane && this.#queues[lane].shift();
  }

  /** Returns the milliseconds until `shift` has an item; undefined if none waits. */
  get wait(): number | undefined {
    const waiting = lanes.filter((lane) => this.#queues[lane].size > 0);
    return waiting.length === 0 ? undefined : Math.min(...waiting.map((lane) => this.#budget.wait(lane)));
  }

  /** Counts the CPU time of a failure, in milliseconds. */
  worked(standing: Standing, milliseconds: number): void {
    if (standing !== 'known') this.#budget.take(standing, milliseconds);
  }

  /** Removes and returns all waiting items. */
  clear(): T[] {
    return lanes.flatMap((lane) => this.#queues[lane].clear());
  }
}
