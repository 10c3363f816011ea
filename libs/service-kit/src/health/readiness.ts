import { Injectable } from '@nestjs/common';

export type ReadinessCheck = () => Promise<void>;

/** What must hold before traffic is sent here. Liveness asks none of it: a database that is away must not restart every pod. */
@Injectable()
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  #draining = false;

  /** @param check rejects while the dependency is not usable; it must end within a few seconds by itself */
  require(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** From now on the service says that it is not ready, so that balancers send no new work. */
  drain(): void {
    this.#draining = true;
  }

  /** The names of what is missing, each with its reason; empty when ready. */
  async missing(): Promise<Record<string, string>> {
    if (this.#draining) return { service: 'shutting down' };
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
