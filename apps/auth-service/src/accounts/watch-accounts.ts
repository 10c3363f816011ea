import { type Readiness, watchFile } from '@longshore/service-kit';
import type { AuthSettings } from '../auth-settings.ts';

/** Makes the service unready while the file of accounts is missing, since nobody can log in. */
export function watchAccounts({ htpasswd }: AuthSettings, readiness: Readiness): void {
  if (htpasswd !== undefined) watchFile(readiness, 'auth.htpasswd.path', htpasswd, 'all');
}
