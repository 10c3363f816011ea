import { copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runToEnd } from '../results/run-to-end.ts';

/** Copies a file to the same path below a root. */
export function copyInto(root: string, path: string): void {
  copyFile(path, join(root, path));
}

/** Copies the target of every symbolic link on the way, since the image would not have it. */
export function copyFile(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(source), target);
}

/** Copies programs and all libraries that the dynamic linker would load for them. */
export async function copyProgramsInto(root: string, programs: readonly string[]): Promise<void> {
  for (const program of programs) {
    copyInto(root, program);
    for (const library of await librariesOf(program)) copyInto(root, library);
  }
}

/** Returns absolute paths, as `ldd` finds them on this machine. */
export async function librariesOf(program: string): Promise<string[]> {
  const { output } = await runToEnd('ldd', [program], { output: 'collect' });
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []);
}
