import type { Database } from '@longshore/metadata';
import type { ServiceLog } from '@longshore/service-kit';
import type { AuthSettings } from '../../auth-settings.ts';
import type { AccountSource } from './account-source.ts';
import { AccountSources } from './account-sources.ts';
import { DatabaseSource } from './database-source.ts';
import type { HtpasswdFile } from './htpasswd-file.ts';
import { HtpasswdSource } from './htpasswd-source.ts';
import { LdapSource } from './ldap/ldap-source.ts';

export interface SourceParts {
  readonly file: HtpasswdFile | undefined;
  readonly settings: AuthSettings;
  readonly database: Database;
  readonly log: ServiceLog;
}

/** Creates the configured sources, in the order in which they are asked. */
export function createSources({ file, settings, database, log }: SourceParts): AccountSources {
  const sources: AccountSource[] = [];
  if (file !== undefined) sources.push(new HtpasswdSource(file));
  if (settings.database) sources.push(new DatabaseSource(database));
  if (settings.ldap !== undefined) {
    const remembering = settings.database ? database : undefined;
    sources.push(new LdapSource({ settings: settings.ldap, database: remembering, log }));
  }
  return new AccountSources(sources, (message) => log.warn(message));
}
