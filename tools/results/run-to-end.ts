import { spawn } from 'node:child_process';

export interface Ended {
  /** -1 when a signal ended it. */
  readonly code: number;
  /** stdout and stderr as they came; empty when they were inherited. */
  readonly output: string;
}

export interface RunOptions {
  readonly output: 'inherit' | 'collect';
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it runs; this process's own folder unless told. */
  readonly folder?: string;
}

/** Runs a program to its end without a standard input. Rejects only when it cannot be started. */
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
