import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a client to its end, whatever its exit code. Rejects if it cannot be started. */
export function attempt(
  program: string,
  options: readonly string[],
  settings: CommandOptions = {},
): Promise<CommandResult> {
  const { cwd, environment = {}, input = '', timeoutMs = 90_000 } = settings;
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    // A client may end without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Runs a client that must succeed, and returns its output. */
export async function run(
  program: string,
  options: readonly string[],
  settings: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, options, settings);
  if (code !== 0)
    throw new Error(
      `${program} ${options.join(' ')} exited with ${code}:\n${stderr.trim().slice(-2000)}\n${stdout.trim().slice(-1000)}`,
    );
  return stdout.trim();
}
