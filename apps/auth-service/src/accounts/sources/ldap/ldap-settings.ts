import type { Configuration } from '@longshore/configuration';

export type LdapSettings = NonNullable<NonNullable<Configuration['auth']>['ldap']>;
