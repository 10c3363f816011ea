import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from './find-program.ts';
import { runProgram } from './python.ts';

/**
 * The Python interpreter of a virtual environment that holds one package, for example `oss2==2.19.1`. Made once per user and kept; a second process that
 * makes it at the same time wins or loses whole. @throws Error when Python cannot make one, or the package cannot be had
 */
export async function pythonWith(requirement: string): Promise<string> {
  const home = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'longshore/python');
  const folder = join(home, requirement);
  const interpreter = join(folder, 'bin/python');
  if (await exists(interpreter)) return interpreter;
  const python = await requireProgram('python3', 'apt-get install python3-venv');
  const draft = `${folder}-${process.pid}`;
  await mkdir(home, { recursive: true });
  await runProgram(python, ['-m', 'venv', draft]);
  await runProgram(join(draft, 'bin/python'), ['-m', 'pip', 'install', '--quiet', requirement]);
  // The interpreter finds its packages beside itself, so the folder may be moved; only the scripts in bin name the old place.
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!(await exists(interpreter))) throw error;
  });
  return interpreter;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
