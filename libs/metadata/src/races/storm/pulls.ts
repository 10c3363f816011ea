import { pull, type Pulled, type Store } from './checker.ts';
import { pushAgain, type Kept, type StormState } from './pusher.ts';

interface Pulling {
  readonly state: StormState;
  readonly store: Store;
  readonly problems: Set<string>;
  /** Whether a damaged object is a fault of the storm's making. */
  readonly damages: boolean;
}

/** Clients that pull what was acknowledged, and push it again when they do not get it. */
export class Pulls {
  readonly #pulling: Pulling;
  count = 0;
  /** Pulls that met a damaged or lost object. */
  refused = 0;

  constructor(pulling: Pulling) {
    this.#pulling = pulling;
  }

  /** What is pushed again while the storm lasts may be damaged again at once. */
  async meanwhile(one: Kept): Promise<void> {
    if ((await this.#pull(one)).kind === 'damaged') await pushAgain(this.#pulling.state, one);
  }

  /** When nothing is damaged any more, one push mends what a pull met. */
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
