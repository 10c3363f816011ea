import type { Configuration } from '@longshore/configuration';

/** Returns the URL of a section that has either a URL or its parts. @throws Error without a section */
export function databaseUrl(section: Configuration['postgres']): string {
  if (section?.url !== undefined) return section.url;
  if (section?.host === undefined) throw new Error('neither postgres.url nor postgres.host is configured');
  const { host, port, user = '', password, database } = section;
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const account = user === '' ? '' : `${encodeURIComponent(user)}${secret}@`;
  return `postgres://${account}${host}:${port}/${encodeURIComponent(database)}`;
}
