import type { Outcome } from './run-tests.ts';

/** Prints each outcome as it comes, and their sum at the end. */
export class Summary {
  readonly #sum = { passed: 0, failed: 0, skipped: 0 };

  add(name: string, { passed, failed, skipped, seconds, report }: Outcome): void {
    this.#sum.passed += passed;
    this.#sum.failed += failed;
    this.#sum.skipped += skipped;
    console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`);
    if (report !== '') console.log(report);
  }

  /** @returns the exit code of the run */
  close(): number {
    const { passed, failed, skipped } = this.#sum;
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 ? 0 : 1;
  }
}

/** Parses the command line. Invalid options end the process, with a sentence for the user. */
export function parsed<T>(parse: (options: readonly string[]) => T): T {
  try {
    return parse(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}
