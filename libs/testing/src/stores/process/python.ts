import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The interpreter that a Python program names in its first line: where it runs, its packages can be imported. */
export async function interpreterOf(program: string): Promise<string> {
  const [first = ''] = (await readFile(program, 'utf8')).split('\n', 1);
  const interpreter = /^#!\s*(\S*python\S*)/.exec(first)?.[1];
  if (interpreter === undefined) throw new Error(`${program} does not name its Python interpreter`);
  return interpreter;
}

/** A script of this library's folder `python`, which the compiler does not copy. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`../../../python/${name}`, import.meta.url));
}

/** Runs a program to its end. Rejects with what it wrote when it fails. */
export async function runProgram(
  program: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  await promisify(execFile)(program, options, { env: { ...process.env, ...environment } });
}
