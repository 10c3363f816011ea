import { join, resolve } from 'node:path';
import type { ConfigurationSources } from '@longshore/configuration';

/** What `npm start` presumes where neither file nor variable says something: a store in its home, loopback, and a secret that it makes. */
export function standaloneDefaults(
  environment: NodeJS.ProcessEnv,
): NonNullable<ConfigurationSources['defaults']> {
  const home = resolve(environment['LONGSHORE_HOME'] || '.longshore');
  return {
    storage: { filesystem: { rootdirectory: join(home, 'storage') } },
    http: { addr: '127.0.0.1:5000', secret: 'made at the first start' },
  };
}
