import { pull, type Pulled, type Store } from './checker.ts';
import { pushAgain, type Kept, type StormState } from './pusher.ts';

interface Pulling {
  readonly state: StormState;
  readonly store: Store;
  readonly problems: Set<string>;
  /** True if the storm damages objects, so that a damaged object is expected. */
  readonly damages: boolean;
}

/** Clients that pull acknowledged content, and push it again if the pull fails. */
export class Pulls {
  readonly #pulling: Pulling;
  count = 0;
  /** Pulls that found a damaged or lost object. */
  refused = 0;

  constructor(pulling: Pulling) {
    this.#pulling = pulling;
  }

  /** Pulls during the storm. Content that is pushed again may be damaged again at once. */
  async meanwhile(one: Kept): Promise<void> {
    if ((await this.#pull(one)).kind === 'damaged') await pushAgain(this.#pulling.state, one);
  }

  /** Pulls after the last damage. One push mends whatever a pull finds. */
  async mendAll(kept: readonly Kept[]): Promise<void> {
    for (const one of kept) {
      await this.meanwhile(one);
      await this.mustBeWhole(one);
    }
  }

  async mustBeWhole(one: Kept): Promise<void> {
    const pulled = await this.#pull(one);
    if (pulled.kind === 'damaged') this.#pulling.problems.add(pulled.what);
  }

  async #pull(one: Kept): Promise<Pulled> {
    this.count += 1;
    const { store, problems, damages } = this.#pulling;
    const pulled = await pull(store, one);
    if (pulled.kind === 'damaged') this.refused += 1;
    if (pulled.kind === 'wrong' || (pulled.kind === 'damaged' && !damages)) problems.add(pulled.what);
    return pulled;
  }
}
