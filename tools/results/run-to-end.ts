import { spawn } from 'node:child_process';

export interface Ended {
  /** -1 if a signal ended it. */
  readonly code: number;
  /** stdout and stderr as they came. Empty if they were inherited. */
  readonly output: string;
}

export interface RunOptions {
  readonly output: 'inherit' | 'collect';
  readonly environment?: Readonly<Record<string, string>>;
  /** Working directory. Default: that of this process. */
  readonly folder?: string;
}

/** Runs a program to its end without standard input. Rejects only if it cannot be started. */
export function runToEnd(
  program: string,
  options: readonly string[],
  { output, environment, folder }: RunOptions,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const pipe = output === 'inherit' ? 'inherit' : 'pipe';
    const child = spawn(program, options, {
      stdio: ['ignore', pipe, pipe],
      env: { ...process.env, ...environment },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString() }));
  });
}
