import { Injectable } from '@nestjs/common';
import { runLoop } from '../loop/run-loop.ts';
import { type Check, type Pace, WatchedCheck } from './watched-check.ts';

export type ReadinessCheck = () => Promise<void>;

/** What fails when a dependency is away: every request, pushes only, or none yet. */
export type Work = 'all' | 'pushes' | 'none yet';

/** Where changes of readiness are written down. */
export interface ReadinessLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

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
   * @param work `pushes` when pulls go on without it, `none yet` when everything does for now: then the service stays ready, and says what is wrong
   */
  require(name: string, check: ReadinessCheck, work: Work = 'all'): void {
    this.#requirements.push({ name, check, work });
  }

  /** Figures that an operator wants to see beside what is missing; undefined while they are not known. */
  tell(name: string, facts: Facts): void {
    this.#facts.set(name, facts);
  }

  /** Like `require`, of the last answer to a question that is asked at a pace of its own, until the service drains. */
  watch(name: string, check: Check, { work = 'all', ...pace }: Pace & { readonly work?: Work }): void {
    const watched = new WatchedCheck(check, pace);
    void watched.run(this.#stop.signal);
    this.require(name, () => watched.mustHold(), work);
  }

  /**
   * Looks again and again, until the service drains, and logs each change of what is missing, with the reasons.
   * @param interval milliseconds between two looks
   */
  announce(log: ReadinessLog, interval = 5000): void {
    const { signal } = this.#stop;
    let known = '';
    // Not at once: what is watched has not been looked at yet.
    let isFirst = true;
    const step = async () => {
      if (isFirst) {
        isFirst = false;
        return 'idle' as const;
      }
      const [missing, all] = await Promise.all([this.missing(), this.#missing(() => true)]);
      const names = Object.keys(all).join(' ');
      if (signal.aborted || names === known) return 'idle' as const;
      known = names;
      if (names === '') log.info({}, 'everything that the service needs is there again');
      else if (Object.keys(missing).length > 0) log.warn({ missing: all }, 'the service is not ready');
      else log.warn({ missing: all }, 'the service is ready for a part of its work only');
      return 'idle' as const;
    };
    // A check that fails is an answer, so no step does.
    void runLoop({ step, interval, signal, failed: () => undefined });
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
    return this.#missing(({ work }) => work !== 'none yet');
  }

  /** What is wrong and fails nothing yet, each with its reason. */
  warnings(): Promise<Record<string, string>> {
    return this.#missing(({ work }) => work === 'none yet');
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
