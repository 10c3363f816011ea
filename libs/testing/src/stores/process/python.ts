import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Returns the interpreter in the first line of a Python program, which can import the program's packages. */
export async function interpreterOf(program: string): Promise<string> {
  const [first = ''] = (await readFile(program, 'utf8')).split('\n', 1);
  const interpreter = /^#!\s*(\S*python\S*)/.exec(first)?.[1];
  if (interpreter === undefined) throw new Error(`${program} does not name its Python interpreter`);
  return interpreter;
}

/** Returns the path of a script in this library's folder `python`, which the compiler does not copy. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`../../../python/${name}`, import.meta.url));
}

/** Runs a program to its end. If it fails, rejects with its output. */
export async function runProgram(
  program: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  await promisify(execFile)(program, options, { env: { ...process.env, ...environment } });
}
