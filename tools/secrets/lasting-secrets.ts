import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busServices, passwordSetting, passwordVariable } from '@longshore/messaging';
import { busPasswords, busSecret } from './names.ts';

/**
 * Reads the secrets from files in a folder that only its owner may enter. Creates missing files with 32 random bytes in hex, and never replaces one.
 * Two processes may run it concurrently.
 * @param mode of the files: a container mounts them without the folder and reads them as another user
 * @returns the values by name, and the names that were created
 */
export function lastingSecrets(
  folder: string,
  names: readonly string[],
  mode = 0o600,
): { readonly values: ReadonlyMap<string, string>; readonly made: readonly string[] } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = names.filter((name) => makeOnce(join(folder, name), mode));
  return {
    values: new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8').trim()])),
    made,
  };
}

/** Writes the passwords of the bus to a file that the nats-server's configuration includes. */
export function writeBusPasswords(folder: string, secrets: ReadonlyMap<string, string>, mode: number): void {
  const settings = Object.entries(busVariables(secrets)).map(([name, setting]) => `${name}: ${setting}\n`);
  writeFileSync(join(folder, busPasswords), settings.join(''), { mode });
}

/** Returns the passwords of the bus as environment variables of the nats-server. */
export function busVariables(secrets: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    busServices.map((service) => [
      passwordVariable(service),
      passwordSetting(secrets.get(busSecret(service)) ?? ''),
    ]),
  );
}

function makeOnce(path: string, mode: number): boolean {
  try {
    writeFileSync(path, randomBytes(32).toString('hex'), { mode, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
