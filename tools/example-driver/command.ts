import { runToEnd } from '../results/run-to-end.ts';

/**
 * Runs a program to its end in the given folder. @returns its output
 * @throws Error with the end of its output if its exit code is not 0
 */
export async function run(folder: string, program: string, ...options: readonly string[]): Promise<string> {
  const { code, output } = await runToEnd(program, options, { output: 'collect', folder });
  if (code === 0) return output;
  const end = output.trimEnd().split('\n').slice(-60).join('\n');
  throw new Error(`${[program, ...options].join(' ')} ended with exit code ${code}:\n${end}`);
}

/** Installs the dependencies of the folder's package.json, with these packages in place of those of the same names. */
export async function install(folder: string, tarballs: readonly string[]): Promise<void> {
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  // npm passes its own directory to the scripts that it runs, and would install there.
  await run(folder, 'npm', 'install', '--prefix', folder, ...quietly, ...tarballs);
}
