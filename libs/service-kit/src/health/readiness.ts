import { Injectable } from '@nestjs/common';
import { type Check, type Pace, WatchedCheck } from './watched-check.ts';

export type ReadinessCheck = () => Promise<void>;

/** What fails a request when a dependency is away: every one, or pushes only. */
export type Work = 'all' | 'pushes';

interface Requirement {
  readonly name: string;
  readonly check: ReadinessCheck;
  readonly work: Work;
}

type Facts = () => Readonly<Record<string, number>> | undefined;

/** What must hold before traffic is sent here. Liveness asks none of it: a database that is away must not restart every pod. */
@Injectable()
export class Readiness {
  readonly #requirements: Requirement[] = [];
  readonly #facts = new Map<string, Facts>();
  readonly #stop = new AbortController();

  /**
   * @param check rejects while the dependency is not usable; it must end within a few seconds by itself
   * @param work `pushes` when pulls go on without it: then the service stays ready, and says what does not work
   */
  require(name: string, check: ReadinessCheck, work: Work = 'all'): void {
    this.#requirements.push({ name, check, work });
  }

  /** Figures that an operator wants to see beside what is missing; undefined while they are not known. */
  tell(name: string, facts: Facts): void {
    this.#facts.set(name, facts);
  }

  /** Like `require`, of the last answer to a question that is asked at a pace of its own, until the service drains. */
  watch(name: string, check: Check, pace: Pace): void {
    const watched = new WatchedCheck(check, pace);
    void watched.run(this.#stop.signal);
    this.require(name, () => watched.mustHold());
  }

  /** From now on the service says that it is not ready, so that balancers send no new work. */
  drain(): void {
    this.#stop.abort();
  }

  /** The names of what is missing for every kind of work, each with its reason; empty when ready. */
  missing(): Promise<Record<string, string>> {
    return this.#missing(({ work }) => work === 'all');
  }

  /** The same for pushes, which need more. */
  missingForPushes(): Promise<Record<string, string>> {
    return this.#missing(() => true);
  }

  get facts(): Record<string, Readonly<Record<string, number>>> {
    const known = [...this.#facts].map(([name, facts]) => [name, facts()] as const);
    return Object.fromEntries(known.flatMap(([name, facts]) => (facts === undefined ? [] : [[name, facts]])));
  }

  async #missing(isAsked: (requirement: Requirement) => boolean): Promise<Record<string, string>> {
    if (this.#stop.signal.aborted) return { service: 'shutting down' };
    const failures = await Promise.all(
      this.#requirements.filter(isAsked).map(async ({ name, check }) => {
        try {
          await check();
          return [];
        } catch (error) {
          return [[name, error instanceof Error ? error.message : String(error)] as const];
        }
      }),
    );
    return Object.fromEntries(failures.flat());
  }
}
