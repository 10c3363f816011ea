import { join, resolve } from 'node:path';
import type { Sources } from '../sources/gather.ts';

/** Resolves a path in the user's directory: npm runs scripts in the clone's root, and INIT_CWD has the directory of the call. */
export function fromUser(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '', path);
}

/** Returns the directory of the state of `npm start`. An empty variable means the default, as for any unset variable of a shell. */
export function standaloneHome(variable: string | undefined): string {
  return variable === undefined || variable === '' ? resolve('.longshore') : fromUser(variable);
}

/** Returns the defaults of `npm start` for keys that neither file nor variable sets: a store in its home, a loopback address, and its secret. */
export function standaloneDefaults(home: string, secret: string): NonNullable<Sources['defaults']> {
  return {
    storage: { filesystem: { rootdirectory: join(home, 'storage') } },
    http: { addr: '127.0.0.1:5000', secret },
  };
}
