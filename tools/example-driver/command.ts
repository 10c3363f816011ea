import { runToEnd } from '../results/run-to-end.ts';

/**
 * Runs a program to its end in a folder of its own. @returns what it wrote
 * @throws Error with the end of what it wrote, when its exit code is not 0
 */
export async function run(folder: string, program: string, ...options: readonly string[]): Promise<string> {
  const { code, output } = await runToEnd(program, options, { output: 'collect', folder });
  if (code === 0) return output;
  const end = output.trimEnd().split('\n').slice(-60).join('\n');
  throw new Error(`${[program, ...options].join(' ')} ended with exit code ${code}:\n${end}`);
}

/** Installs what the folder's package.json asks for, and these packages in place of what it names so. */
export async function install(folder: string, tarballs: readonly string[]): Promise<void> {
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  // npm tells the scripts that it runs where it does so, and would install there.
  await run(folder, 'npm', 'install', '--prefix', folder, ...quietly, ...tarballs);
}
