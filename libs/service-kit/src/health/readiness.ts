import { Injectable } from '@nestjs/common';
import { runLoop } from '../loop/run-loop.ts';
import { type Check, type Pace, WatchedCheck } from './watched-check.ts';

export type ReadinessCheck = () => Promise<void>;

/** The work that fails without a dependency: every request, only pushes, or none yet. */
export type Work = 'all' | 'pushes' | 'none yet';

/** Receives changes of readiness. */
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

/** The conditions for traffic to this process. Liveness depends on none of them: a database that is down must not restart every pod. */
@Injectable()
export class Readiness {
  readonly #requirements: Requirement[] = [];
  readonly #facts = new Map<string, Facts>();
  readonly #stop = new AbortController();

  /**
   * @param check rejects while the dependency is not usable; it must end within a few seconds by itself
   * @param work `pushes` if pulls work without it; `none yet` if everything still works: then the service stays ready and reports the problem
   */
  require(name: string, check: ReadinessCheck, work: Work = 'all'): void {
    this.#requirements.push({ name, check, work });
  }

  /** Adds figures for operators beside the missing dependencies. Undefined while they are unknown. */
  tell(name: string, facts: Facts): void {
    this.#facts.set(name, facts);
  }

  /** Does the same as `require`, with the last result of a check that runs periodically, until the service drains. */
  watch(name: string, check: Check, { work = 'all', ...pace }: Pace & { readonly work?: Work }): void {
    const watched = new WatchedCheck(check, pace);
    void watched.run(this.#stop.signal);
    this.require(name, () => watched.mustHold(), work);
  }

  /**
   * Checks periodically until the service drains, and logs each change of the missing dependencies with the reasons.
   * @param interval milliseconds between two checks
   */
  announce(log: ReadinessLog, interval = 5000): void {
    const { signal } = this.#stop;
    let known = '';
    // Not immediately: watched checks have no result yet.
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
    // A failed check is a result, so no step fails.
    void runLoop({ step, interval, signal, failed: () => undefined });
  }

  /** Reports unready from now on, so that balancers send no new work. */
  drain(): void {
    this.#stop.abort();
  }

  /** Returns the dependencies that are missing for all work, each with its reason. Empty if ready. */
  missing(): Promise<Record<string, string>> {
    return this.#missing(({ work }) => work === 'all');
  }

  /** Returns the same for pushes, which need more. */
  missingForPushes(): Promise<Record<string, string>> {
    return this.#missing(({ work }) => work !== 'none yet');
  }

  /** Returns problems that make nothing fail yet, each with its reason. */
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
