import { join, resolve } from 'node:path';
import type { ConfigurationSources } from '@longshore/configuration';

/** Returns the directory in which `npm start` keeps its state by default. */
export function standaloneHome(environment: NodeJS.ProcessEnv): string {
  return resolve(environment['LONGSHORE_HOME'] || '.longshore');
}

/**
 * Returns the defaults of `npm start` for keys that neither file nor variable sets: a store in its home, a loopback address, and a generated secret.
 */
export function standaloneDefaults(
  environment: NodeJS.ProcessEnv,
): NonNullable<ConfigurationSources['defaults']> {
  return {
    storage: { filesystem: { rootdirectory: join(standaloneHome(environment), 'storage') } },
    http: { addr: '127.0.0.1:5000', secret: 'made at the first start' },
  };
}
