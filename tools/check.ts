import { styleText } from 'node:util';
import { runToEnd } from './results/run-to-end.ts';

/** A check, as a command that fails if it does not hold. */
interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

// Two lanes, since we expect two cores. Types come first in their lane: a type error explains most later failures.
const lanes: readonly (readonly Check[])[] = [
  [
    { name: 'types', command: ['tsc', '-b'] },
    { name: 'types of the tools', command: ['tsc', '-p', 'tools/tsconfig.json'] },
    { name: 'generated files', command: ['node', 'tools/generate.ts', '--check'] },
    // The example uses the built libraries, as other projects do.
    { name: 'lint', command: ['oxlint', '--max-warnings', '0'] },
  ],
  [
    { name: 'boundaries', command: ['vitest', 'run', '--project', 'unit', 'tools/'] },
    {
      name: 'format',
      command: [
        'prettier',
        '--check',
        '--log-level=warn',
        '--cache',
        '--cache-location=node_modules/.cache/format-check',
        '.',
      ],
    },
    { name: 'unused files, exports and dependencies', command: ['knip', '--no-progress'] },
    {
      name: 'exports that only tests call',
      command: [
        'knip',
        '--no-progress',
        '--production',
        '--include=exports',
        '--workspace=./apps/*',
        '--workspace=./libs/*',
        '--workspace=!@longshore/{testing,oss-server}',
      ],
    },
  ],
];

const results = await Promise.all(lanes.map(runLane));
const failed = results.flat().filter(({ passed }) => !passed).length;
console.log(`${results.flat().length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;

async function runLane(checks: readonly Check[]): Promise<{ passed: boolean }[]> {
  const outcomes = [];
  for (const check of checks) outcomes.push(await runCheck(check));
  return outcomes;
}

async function runCheck({ name, command: [program, ...options] }: Check): Promise<{ passed: boolean }> {
  const begun = performance.now();
  // With CI set, Vitest writes no snapshot: a missing or stale one fails.
  const { code, output } = await runToEnd(program, options, {
    output: 'collect',
    environment: { CI: 'true' },
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const passed = code === 0;
  console.log(
    `${passed ? styleText('green', 'passed') : styleText('red', 'failed')}  ${name} (${seconds} s)`,
  );
  if (!passed) console.log(output.trimEnd());
  return { passed };
}
