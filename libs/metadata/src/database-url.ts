/** The `postgres` section of the configuration. */
export interface PostgresSection {
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database: string;
}

/** Returns the URL of a section that has either a URL or its parts. @throws Error without a section */
export function databaseUrl(section: PostgresSection | undefined): string {
  if (section?.url !== undefined) return section.url;
  if (section?.host === undefined) throw new Error('neither postgres.url nor postgres.host is configured');
  const { host, port, user = '', password, database } = section;
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const account = user === '' ? '' : `${encodeURIComponent(user)}${secret}@`;
  return `postgres://${account}${host}:${port}/${encodeURIComponent(database)}`;
}
