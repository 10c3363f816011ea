import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPrograms, programPath } from './programs.ts';
import { type Registry, startRegistry, stopLaunched, tail, temporaryHome } from './registry.ts';
import type { Run } from './options.ts';
import { workspace } from './workspace.ts';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** What to print when it failed: failures by name, and the end of the registry's log. */
  readonly report: string;
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

/** Runs one suite against a fresh registry. Never rejects: what cannot run is a failure of the suite. */
export async function runSuite(run: Run): Promise<Outcome> {
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  try {
    const missing = await missingPrograms(run.suite.programs ?? []);
    if (missing.length > 0) throw new Error(`missing programs: ${missing.join(', ')}`);
    return { ...(await against(run)), seconds: seconds() };
  } catch (error) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      seconds: seconds(),
      report: error instanceof Error ? error.message : String(error),
    };
  }
}

async function against({ suite, target }: Run): Promise<Omit<Outcome, 'seconds'>> {
  if (target !== 'standalone' && target !== 'cluster')
    return vitest(suite, { origin: target, form: 'external', home: await temporaryHome() });
  if (suite.bare === true) return bare(suite, target);
  const registry = await startRegistry({ ...suite, form: target });
  try {
    return await ending(registry, await vitest(suite, { ...registry, form: target }));
  } catch (error) {
    await registry.stop();
    throw error;
  }
}

async function bare(suite: Run['suite'], form: string): Promise<Omit<Outcome, 'seconds'>> {
  const home = await temporaryHome();
  try {
    return await vitest(suite, { origin: '', form, home });
  } finally {
    await stopLaunched(home);
  }
}

/** A registry that does not stop, or died meanwhile, fails the suite that used it. The state of a failed one is kept. */
async function ending(
  registry: Registry,
  outcome: Omit<Outcome, 'seconds'>,
): Promise<Omit<Outcome, 'seconds'>> {
  const problems: string[] = [];
  await registry.stop().catch((error: unknown) => problems.push(String(error)));
  const code = await registry.ended;
  if (code !== 0) problems.push(`the registry ended with exit code ${code}`);
  const failed = outcome.failed + problems.length;
  if (failed === 0) {
    await registry.discard();
    return outcome;
  }
  const logged = `--- the end of ${registry.log}\n${await tail(registry.log, 20)}`;
  return { ...outcome, failed, report: [outcome.report, ...problems, logged].join('\n') };
}

interface Place {
  readonly origin: string;
  readonly form: string;
  readonly home: string;
  readonly pid?: number;
}

async function vitest(
  { name, timeoutMinutes }: Run['suite'],
  place: Place,
): Promise<Omit<Outcome, 'seconds'>> {
  const report = join(place.home, `${name}.json`);
  const log = join(place.home, `${name}.log`);
  const output = await open(log, 'w');
  const options = [
    'run',
    '--config',
    'apps/registry-e2e/vitest.config.ts',
    `src/${name}/`,
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
    },
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, by) => resolve(by)),
  );
  await output.close();
  if (signal !== null) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      report: `ended by ${signal}, after ${timeoutMinutes} minutes at most:\n${await tail(log, 30)}`,
    };
  }
  return read(report, log);
}

async function read(path: string, log: string): Promise<Omit<Outcome, 'seconds'>> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined)
    return { passed: 0, failed: 1, skipped: 0, report: `no report was written:\n${await tail(log)}` };
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
      ...broken.map(({ name, message }) => `${name}: ${message}`),
      ...failures.map(
        ({ fullName, failureMessages = [] }) =>
          `failed: ${fullName}\n    ${brief(failureMessages.join('\n'))}`,
      ),
    ].join('\n'),
  };
}

function brief(message: string): string {
  const lines = message.split('\n').filter((line) => !line.includes('node_modules'));
  return lines.slice(0, 5).join('\n    ').slice(0, 800);
}
