import { type Client, type Entry, ResultCodeError } from 'ldapts';
import { filled, escaped, firstValueOf } from './escape.ts';
import type { LdapSettings } from './ldap-settings.ts';

/** What the directory says of a user. */
export interface UserEntry {
  readonly dn: string;
  readonly name: string | undefined;
  readonly id: string;
  readonly groups: readonly string[];
  /** Times of the last change of the password, where the directory shows them. */
  readonly passwordChanged: string;
}

const passwordTimes = ['pwdChangedTime', 'pwdLastSet'];
const noSuchObject = 32;
const sizeLimitExceeded = 4;

/** Searches the entries of a user. Returns at most two: more than one is as bad as none. */
export async function userEntries(
  client: Client,
  settings: LdapSettings,
  where: { readonly base: string; readonly scope: 'base' | 'sub'; readonly filter: string },
): Promise<readonly Entry[]> {
  const { attributes } = settings;
  const wanted = [attributes.name, attributes.id, ...passwordTimes];
  try {
    const { searchEntries } = await client.search(where.base, {
      scope: where.scope,
      filter: where.filter,
      sizeLimit: 2,
      attributes: attributes.groups === undefined ? wanted : [...wanted, attributes.groups],
      explicitBufferAttributes: [attributes.id],
    });
    return searchEntries;
  } catch (error) {
    if (error instanceof ResultCodeError && error.code === noSuchObject) return [];
    if (error instanceof ResultCodeError && error.code === sizeLimitExceeded) return [{ dn: '' }, { dn: '' }];
    throw error;
  }
}

/** Reads a user's entry, with its groups. */
export async function readUser(client: Client, settings: LdapSettings, entry: Entry): Promise<UserEntry> {
  const { attributes } = settings;
  const name = textsOf(entry, attributes.name)[0]?.toLowerCase();
  const named = attributes.groups === undefined ? [] : textsOf(entry, attributes.groups);
  const listed = named.map((dn) => ({ dn, name: firstValueOf(dn) }));
  const found = await searchedGroups(client, settings, { dn: entry.dn, name: name ?? '' });
  return {
    dn: entry.dn,
    name,
    id: idOf(entry, attributes.id) ?? entry.dn.toLowerCase(),
    groups: mapped([...listed, ...found], settings.groupnames),
    passwordChanged: passwordTimes.flatMap((attribute) => textsOf(entry, attribute)).join(' '),
  };
}

interface DirectoryGroup {
  readonly dn: string;
  readonly name: string | undefined;
}

async function searchedGroups(
  client: Client,
  { groups }: LdapSettings,
  { dn, name }: { readonly dn: string; readonly name: string },
): Promise<readonly DirectoryGroup[]> {
  if (groups === undefined) return [];
  const filter = filled(groups.filter, { dn: escaped(dn), name: escaped(name) });
  const { searchEntries } = await client.search(groups.base, { filter, attributes: [groups.name] });
  return searchEntries.map((entry) => ({ dn: entry.dn, name: textsOf(entry, groups.name)[0] }));
}

/** Leaves out names that could not be written in a rule. */
function mapped(
  groups: readonly DirectoryGroup[],
  names: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  const byLowerCase = new Map(
    Object.entries(names ?? {}).map(([key, value]) => [key.toLowerCase(), value] as const),
  );
  const result = groups.map(({ dn, name }) =>
    names === undefined
      ? name
      : (byLowerCase.get(dn.toLowerCase()) ?? byLowerCase.get(name?.toLowerCase() ?? '')),
  );
  return [...new Set(result.filter(isName))].toSorted();
}

// oxlint-disable-next-line no-control-regex -- groups are shown in logs, so their names hold no control characters
const control = /[\x00-\x1f\x7f]/;

const isName = (name: string | undefined): name is string =>
  name !== undefined && name !== '' && name.length <= 255 && !control.test(name);

/** The name of an attribute has no case. */
function valuesOf(entry: Entry, attribute: string): readonly (string | Buffer)[] {
  const key = Object.keys(entry).find((each) => each.toLowerCase() === attribute.toLowerCase());
  const value = key === undefined ? undefined : entry[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const textsOf = (entry: Entry, attribute: string): readonly string[] =>
  valuesOf(entry, attribute).map((value) => (typeof value === 'string' ? value : value.toString('utf8')));

/** objectGUID is binary: 16 bytes. */
function idOf(entry: Entry, attribute: string): string | undefined {
  const [value] = valuesOf(entry, attribute);
  if (value === undefined || typeof value === 'string') return value;
  return value.length === 16 ? value.toString('hex') : value.toString('utf8');
}
