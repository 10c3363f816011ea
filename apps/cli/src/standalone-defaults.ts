import { join, resolve } from 'node:path';
import type { ConfigurationSources } from '@longshore/configuration';

/** Where `npm start` keeps everything that nobody told it to keep elsewhere. */
export function standaloneHome(environment: NodeJS.ProcessEnv): string {
  return resolve(environment['LONGSHORE_HOME'] || '.longshore');
}

/** What `npm start` presumes where neither file nor variable says something: a store in its home, loopback, and a secret that it makes. */
export function standaloneDefaults(
  environment: NodeJS.ProcessEnv,
): NonNullable<ConfigurationSources['defaults']> {
  return {
    storage: { filesystem: { rootdirectory: join(standaloneHome(environment), 'storage') } },
    http: { addr: '127.0.0.1:5000', secret: 'made at the first start' },
  };
}
