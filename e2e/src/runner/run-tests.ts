import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath } from '@longshore/testing';
import { tail } from './registry.ts';
import { workspace } from './workspace.ts';

export interface Tests {
  /** Name in the report. */
  readonly name: string;
  /** Paths below e2e/, as filters for Vitest. */
  readonly paths: readonly string[];
  readonly timeoutMinutes: number;
}

/** The registry under test. */
export interface Place {
  readonly origin: string;
  readonly form: string;
  readonly home: string;
  readonly pid?: number;
  /** Address of the store's control, if the runner has a store. */
  readonly store?: string;
}

export interface TestsOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Text to print: measurements, and after a failure the failed tests and the end of the registry's log. */
  readonly report: string;
}

export interface Outcome extends TestsOutcome {
  readonly seconds: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Runs Vitest once, over the tests of a running registry. */
export async function runTests({ name, paths, timeoutMinutes }: Tests, place: Place): Promise<TestsOutcome> {
  const report = join(place.home, `${name}.json`);
  const log = join(place.home, `${name}.log`);
  const output = await open(log, 'w');
  const options = [
    'run',
    '--config',
    'e2e/vitest.config.ts',
    ...paths,
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const child = spawn(process.execPath, [join(workspace, 'node_modules/vitest/vitest.mjs'), ...options], {
    cwd: workspace,
    stdio: ['ignore', output.fd, output.fd],
    timeout: timeoutMinutes * 60_000,
    killSignal: 'SIGKILL',
    env: {
      ...process.env,
      PATH: programPath,
      E2E_ORIGIN: place.origin,
      E2E_FORM: place.form,
      E2E_HOME: place.home,
      E2E_PID: String(place.pid ?? ''),
      E2E_STORE: place.store ?? '',
    },
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, by) => resolve(by)),
  );
  await output.close();
  if (signal === null) return read(report, log);
  return failure(`ended by ${signal}, after ${timeoutMinutes} minutes at most:\n${await tail(log, 30)}`);
}

/** Never rejects: work that cannot run counts as one failure. */
export async function timed(work: () => Promise<TestsOutcome>): Promise<Outcome> {
  const begun = performance.now();
  const outcome = await work().catch((error: unknown) =>
    failure(error instanceof Error ? error.message : String(error)),
  );
  return { ...outcome, seconds: Math.round((performance.now() - begun) / 1000) };
}

function failure(report: string): TestsOutcome {
  return { passed: 0, failed: 1, skipped: 0, report };
}

async function read(path: string, log: string): Promise<TestsOutcome> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return failure(`no report was written:\n${await tail(log)}`);
  const { testResults, ...counts }: Report = JSON.parse(text);
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  const failures = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  const nothingRan = counts.numPassedTests + counts.numFailedTests === 0 ? 1 : 0;
  return {
    passed: counts.numPassedTests,
    failed: Math.max(counts.numFailedTests + broken.length, nothingRan),
    skipped: counts.numPendingTests + counts.numTodoTests,
    report: [
      ...(await measured(log)),
      ...broken.map(({ name, message }) => `${name}: ${message}`),
      ...failures.map(
        ({ fullName, failureMessages = [] }) =>
          `failed: ${fullName}\n    ${brief(failureMessages.join('\n'))}`,
      ),
    ].join('\n'),
  };
}

/** Returns the measurements, which tests print as lines of their output. */
async function measured(log: string): Promise<string[]> {
  return [...(await readFile(log, 'utf8')).matchAll(/measured: .*$/gm)].map(([line]) => `    ${line}`);
}

function brief(message: string): string {
  const lines = message.split('\n').filter((line) => !line.includes('node_modules'));
  return lines.slice(0, 5).join('\n    ').slice(0, 800);
}
