import { readFile } from 'node:fs/promises';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

export interface TestOutcome {
  /** Titles of the groups around the test, outermost first. */
  readonly ancestors: readonly string[];
  readonly title: string;
  readonly status: string;
}

export interface Report extends Counts {
  readonly outcomes: readonly TestOutcome[];
}

/** Counts the tests. A file that failed without a failed test (it did not load, or its set-up failed) counts as one failure, and so does a missing report. */
export async function readReport(path: string): Promise<Report> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { passed: 0, failed: 1, skipped: 0, outcomes: [] };
    throw error;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reporter's own format, of the version that package-lock.json pins
  const report = JSON.parse(text) as VitestReport;
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
    // Vitest runs files by their size or their last duration, which must not order a page.
    outcomes: report.testResults
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap(({ assertionResults }) =>
        assertionResults.map(({ ancestorTitles: ancestors, title, status }) => ({
          ancestors,
          title,
          status,
        })),
      ),
  };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
