import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Folders of programs: the PATH, that of `go install`, and Debian's for servers, which the PATH of a user may lack. */
export const programPath = [
  process.env['PATH'] ?? '',
  join(homedir(), 'go/bin'),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
].join(delimiter);

/** Returns the path of a program in a folder of `programPath`. */
export function findProgram(name: string): string | undefined {
  return programPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** Acts as `findProgram`. @throws Error that says how to install the program, if it is missing */
export function requireProgram(name: string, install: string): string {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is not on this machine; install it with: ${install}`);
  return program;
}

/**
 * Returns true if the tests that need these programs should be skipped, since `npm test` passes on a machine with nothing but Node.
 * @throws Error if one is missing and LONGSHORE_REQUIRE_SERVERS is set, as in CI
 */
export function programsAreMissing(...names: readonly string[]): boolean {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0 && process.env['LONGSHORE_REQUIRE_SERVERS'] !== undefined)
    throw new Error(`LONGSHORE_REQUIRE_SERVERS is set, and this machine has no ${missing.join(', ')}`);
  return missing.length > 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
