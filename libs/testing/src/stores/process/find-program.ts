import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Returns the path of a program from the PATH, from the folder of `go install`, or from Debian's folders for servers. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go/bin'), '/usr/sbin'];
  const candidates = folders.filter((folder) => folder !== '').map((folder) => join(folder, name));
  const executable = await Promise.all(candidates.map(isExecutable));
  return candidates.find((_, index) => executable[index]);
}

/** Acts as `findProgram`. @throws Error that says how to install the program, if it is missing */
export async function requireProgram(name: string, install: string): Promise<string> {
  const program = await findProgram(name);
  if (program === undefined) throw new Error(`${name} is not on this machine; install it with: ${install}`);
  return program;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
