import { Injectable } from '@nestjs/common';
import { type Check, type Pace, WatchedCheck } from './watched-check.ts';

export type ReadinessCheck = () => Promise<void>;

/** What must hold before traffic is sent here. Liveness asks none of it: a database that is away must not restart every pod. */
@Injectable()
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  readonly #stop = new AbortController();

  /** @param check rejects while the dependency is not usable; it must end within a few seconds by itself */
  require(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
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

  /** The names of what is missing, each with its reason; empty when ready. */
  async missing(): Promise<Record<string, string>> {
    if (this.#stop.signal.aborted) return { service: 'shutting down' };
    const failures = await Promise.all(
      [...this.#checks].map(async ([name, check]) => {
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
