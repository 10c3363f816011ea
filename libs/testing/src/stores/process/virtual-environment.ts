import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../../programs.ts';
import { runProgram } from './python.ts';

/**
 * Returns the Python interpreter of a virtual environment with one package, for example `oss2==2.19.1`. It is created once per user and kept. If two
 * processes create it concurrently, the first to finish is kept. @throws Error if Python cannot create one, or the package is not available
 */
export async function pythonWith(requirement: string): Promise<string> {
  const home = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'longshore/python');
  const folder = join(home, requirement);
  const interpreter = join(folder, 'bin/python');
  if (await exists(interpreter)) return interpreter;
  const python = requireProgram('python3', 'apt-get install python3-venv');
  const draft = `${folder}-${process.pid}`;
  await mkdir(home, { recursive: true });
  await runProgram(python, ['-m', 'venv', draft]);
  await runProgram(join(draft, 'bin/python'), ['-m', 'pip', 'install', '--quiet', requirement]);
  // The interpreter finds its packages beside itself, so the folder may be moved. Only the scripts in bin contain the old path.
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
