import type { Counts } from '../results/vitest-report.ts';

/** Runs steps one after another, and counts them together with the tests inside them. */
export class Steps {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  get counts(): Counts {
    return this.#counts;
  }

  get hasFailed(): boolean {
    return this.#counts.failed > 0;
  }

  /** @throws the error of the work, after it was reported and counted */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      const answer = await work();
      this.count({ passed: 1, failed: 0, skipped: 0 });
      console.log(`passed  ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
      return answer;
    } catch (error) {
      this.count({ passed: 0, failed: 1, skipped: 0 });
      console.log(`failed  ${name}: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  }

  count({ passed, failed, skipped }: Counts): void {
    const before = this.#counts;
    this.#counts = {
      passed: before.passed + passed,
      failed: before.failed + failed,
      skipped: before.skipped + skipped,
    };
  }
}
