import { loadConfiguration } from '@longshore/configuration';
import { setUserDisabled, transact, userByName } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger } from '@longshore/telemetry';
import { type DirectoryServer, directoryIsMissing, startDirectory } from '@longshore/testing/directory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LdapSource } from './ldap-source.ts';

const base = 'dc=example,dc=org';
const people = `ou=people,${base}`;

const person = (uid: string, name: string, password: string, more = ''): string => `dn: uid=${uid},${people}
objectClass: inetOrgPerson
uid: ${name}
cn: ${name}
sn: ${name}
userPassword: ${password}
${more}
`;

const entries = `dn: ${people}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${base}
objectClass: organizationalUnit
ou: groups

dn: cn=reader,${base}
objectClass: inetOrgPerson
cn: reader
sn: reader
userPassword: reads

${person('ann', 'Ann', 'anns password', `mail: ann@example.org\nseeAlso: cn=Ops\\, night,ou=groups,${base}`)}
${person('bob', 'bob', 'bobs password', 'mail: shared@example.org')}
${person('eve', 'eve', 'eves password', 'mail: shared@example.org')}
${person('odd', 'odd name', 'odds password')}
${person('star', 'a*b', 'stars password')}
dn: cn=dev,ou=groups,${base}
objectClass: groupOfNames
cn: dev
member: uid=ann,${people}

dn: cn=posix,ou=groups,${base}
objectClass: posixGroup
cn: posix
gidNumber: 1
memberUid: ann
`;

let directory: DirectoryServer;
const postgres = await migratedDatabase();
beforeAll(async () => {
  directory = await startDirectory(entries);
});
afterAll(async () => {
  await directory.stop();
  await postgres.drop();
});
beforeEach(() => postgres.database.db.deleteFrom('users').execute());

type Section = Readonly<Record<string, unknown>>;

const search = {
  base: people,
  filter: '(|(uid={name})(mail={name}))',
  binddn: `cn=reader,${base}`,
  password: 'reads',
};
const searching: Section = {
  search,
  groups: { base: `ou=groups,${base}` },
};

/** Keys of a fresh source: with TLS unless they say otherwise. */
function sourceOf(section: Section, remembers = false): LdapSource {
  const ldap = { urls: [directory.tlsUrl], ca: directory.ca, ...section };
  const config = loadConfiguration({
    environment: { REGISTRY_STORAGE: 'inmemory', REGISTRY_AUTH: JSON.stringify({ ldap }) },
  });
  const settings = config.auth?.ldap;
  if (settings === undefined) throw new Error('no ldap in the configuration');
  const database = remembers ? postgres.database : undefined;
  return new LdapSource({ settings, database, log: new ServiceLog(createLogger({ level: 'silent' })) });
}

/** Logs in as AccountsService does. */
async function login(source: LdapSource, username: string, password: string) {
  const account = await source.find(username);
  const groups = await account?.ask?.(password);
  if (account === undefined || groups === undefined) return undefined;
  const admitted = await account.admit(groups);
  return admitted && { name: account.name, groups: admitted };
}

describe.skipIf(directoryIsMissing())('LdapSource with a search', () => {
  it('proves a password, and knows the user by the name of the entry, with its groups', async () => {
    const source = sourceOf(searching);
    const ann = { name: 'ann', groups: ['dev', 'posix'] };
    for (const name of ['ann', 'ANN', 'ann@example.org'])
      expect(await login(source, name, 'anns password')).toEqual(ann);
    expect(await login(source, 'ann', 'wrong')).toBeUndefined();
    expect(await login(source, 'bob', 'bobs password')).toEqual({ name: 'bob', groups: [] });
    expect(await login(source, 'nobody', 'x')).toBeUndefined();
  });

  it('takes no name for a part of the filter', async () => {
    const source = sourceOf({ search: { ...search, filter: '(uid={name})' } });
    for (const name of [
      '*',
      'a*',
      'an\u0000n',
      'ann)(uid=*',
      'nobody)(|(uid=ann)',
      'ann\\2a',
      '\\2a',
      '(',
      'ann)',
      '{dn}',
    ])
      expect(await source.find(name), JSON.stringify(name)).toBeUndefined();
    // The entry exists, is found by its very name, and cannot be an account's name.
    expect(await source.find('a*b')).toBeUndefined();
    expect((await source.find('ann'))?.name).toBe('ann');
  });

  it('admits nobody when the filter finds two, or a name that no account may have', async () => {
    const source = sourceOf(searching);
    expect(await login(source, 'shared@example.org', 'bobs password')).toBeUndefined();
    expect(await login(source, 'odd name', 'odds password')).toBeUndefined();
  });

  it('names groups by entries, and as the configuration maps them', async () => {
    const listed = sourceOf({ search, attributes: { groups: 'seeAlso' } });
    expect((await login(listed, 'ann', 'anns password'))?.groups).toEqual(['Ops, night']);
    const mapped = sourceOf({
      ...searching,
      groupnames: { [`CN=dev,ou=groups,${base}`]: 'developers', other: 'x' },
    });
    expect((await login(mapped, 'ann', 'anns password'))?.groups).toEqual(['developers']);
  });

  it('remembers the user, its groups of now, and that it was disabled', async () => {
    const source = sourceOf({ ...searching, recheck: '1s' }, true);
    await login(source, 'ann', 'anns password');
    const { db } = postgres.database;
    expect(await userByName(db, 'ann')).toMatchObject({ source: 'ldap', groups: ['dev', 'posix'] });
    await directory.modify(
      `dn: cn=posix,ou=groups,${base}\nchangetype: modify\ndelete: memberUid\nmemberUid: ann\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await login(source, 'ann', 'anns password'))?.groups).toEqual(['dev']);
    expect((await userByName(db, 'ann'))?.groups).toEqual(['dev']);
    await directory.modify(
      `dn: cn=posix,ou=groups,${base}\nchangetype: modify\nadd: memberUid\nmemberUid: ann\n`,
    );
    await transact(db, (tx) => setUserDisabled(tx, 'ann', true));
    expect(await login(source, 'ann', 'anns password')).toBeUndefined();
  });

  it('forgets after its time, so that another password of the directory counts', async () => {
    const source = sourceOf({ ...searching, recheck: '1s' });
    const before = (await source.find('eve'))?.version;
    expect((await source.find('eve'))?.version).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await source.find('eve'))?.version).not.toBe(before);
  });
});

describe.skipIf(directoryIsMissing())('LdapSource with the name of the entry', () => {
  it('binds as the user and reads its own entry', async () => {
    const source = sourceOf({ userdn: `uid={name},${people}` }, true);
    expect(await login(source, 'Ann', 'anns password')).toEqual({ name: 'ann', groups: [] });
    expect(await login(source, 'ann', 'wrong')).toBeUndefined();
    expect(await login(source, 'nobody', 'x')).toBeUndefined();
    const id = (await userByName(postgres.database.db, 'ann'))?.externalId;
    expect(id).toMatch(/^[0-9a-f]{8}-/);
  });

  it('takes no name for a part of the name of an entry', async () => {
    const source = sourceOf({ userdn: `uid={name},ou={name},${base}` });
    for (const name of [
      'ann,ou=people,dc=example,dc=org',
      'ann+cn=x',
      '#00',
      'ann\\2c',
      '',
      ' ann',
      '{name}',
    ])
      expect(await login(source, name, 'anns password'), name).toBeUndefined();
  });
});

const away = { code: 'UNAVAILABLE' };
const failureOf = (source: LdapSource): Promise<unknown> =>
  login(source, 'ann', 'anns password').catch((error: unknown) => error);

describe.skipIf(directoryIsMissing())('LdapSource and its servers', () => {
  it('speaks StartTLS, and believes no certificate that its authorities have not signed', async () => {
    const starttls = { ...searching, urls: [directory.url], starttls: true };
    expect(await login(sourceOf(starttls), 'ann', 'anns password')).toMatchObject({ name: 'ann' });
    const { ca: _, ...untrusting } = { ca: '', ...starttls };
    expect(await failureOf(sourceOf({ ...untrusting, ca: undefined }))).toMatchObject(away);
    expect(await failureOf(sourceOf({ ...searching, ca: undefined }))).toMatchObject(away);
  });

  it('believes no certificate of another host', async () => {
    const other = directory.tlsUrl.replace('localhost', 'localhost.localdomain');
    expect(await failureOf(sourceOf({ ...searching, urls: [other] }))).toMatchObject(away);
  });

  it('asks the next server when one does not answer', async () => {
    const source = sourceOf({ ...searching, urls: ['ldaps://127.0.0.1:1', directory.tlsUrl] });
    expect(await login(source, 'ann', 'anns password')).toMatchObject({ name: 'ann' });
    expect(await failureOf(sourceOf({ ...searching, urls: ['ldaps://127.0.0.1:1'] }))).toMatchObject(away);
  });

  it('does not take the refusal of its own account for an answer about the user', async () => {
    const wrong = { ...search, password: 'wrong' };
    expect(await failureOf(sourceOf({ ...searching, search: wrong }))).toMatchObject(away);
  });

  it('waits no longer than its deadline, and then admits nobody', async () => {
    const source = sourceOf({ ...searching, deadline: '300ms' });
    const found = await source.find('ann');
    directory.pause();
    try {
      const began = performance.now();
      await expect(found?.ask?.('anns password')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(source.find('bob')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await source.decoy(true);
      expect(performance.now() - began).toBeLessThan(10_000);
    } finally {
      directory.resume();
    }
  });
});
