import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@longshore/configuration';
import {
  accessToken,
  addAccessToken,
  addFirstAdministrator,
  addGroup,
  addMember,
  addRobot,
  addUser,
  changePassword,
  endUnconfirmedLogin,
  passwordHash,
  recordLogin,
  removeAccessToken,
  setUserDisabled,
  transact,
  type Tx,
} from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { hashSync } from 'bcryptjs';
import { type DirectoryServer, directoryIsMissing, startDirectory } from '@longshore/testing/directory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthSettings } from '../auth-settings.ts';
import { AccountsService } from './accounts.service.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
const folder = await mkdtemp(join(tmpdir(), 'accounts-'));
const people = 'ou=people,dc=example,dc=org';
let directory: DirectoryServer;
beforeAll(async () => {
  const person = (uid: string): string =>
    `dn: uid=${uid},${people}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@example.org\nuserPassword: of the directory\n\n`;
  directory = await startDirectory(
    `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n\ndn: cn=reader,dc=example,dc=org\nobjectClass: inetOrgPerson\ncn: reader\nsn: reader\nuserPassword: reads\n\n${['file', 'stored', 'remote'].map(person).join('')}`,
  );
});
afterAll(async () => {
  await directory.stop();
  await postgres.drop();
  await rm(folder, { recursive: true });
});
const opened: AccountsService[] = [];
afterEach(() => Promise.all(opened.splice(0).map((accounts) => accounts.onApplicationShutdown())));
beforeEach(async () => {
  for (const table of ['users', 'groups', 'robots', 'credential_marks'] as const)
    await db.deleteFrom(table).execute();
});

const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => transact<T>(db, work);

/** The three sources: `file` is in the htpasswd file, `stored` in the database, `remote` in the directory; the directory has all three names. */
async function accountsOfAll(): Promise<AccountsService> {
  const htpasswd = join(folder, 'htpasswd');
  await writeFile(htpasswd, `file:${hashSync('of the file', 4)}\n`);
  const hash = hashSync('of the database', 4);
  await within((tx) => addUser(tx, { name: 'stored', passwordHash: hash }));
  const search = {
    base: people,
    filter: '(|(uid={name})(mail={name}))',
    binddn: 'cn=reader,dc=example,dc=org',
    password: 'reads',
  };
  const ldap = { urls: [directory.tlsUrl], ca: directory.ca, search, recheck: '1s' };
  return accountsOf({ htpasswd: { path: htpasswd }, database: {}, ldap });
}

function accountsOf(auth: Readonly<Record<string, unknown>>): AccountsService {
  const environment = { REGISTRY_STORAGE: 'inmemory', REGISTRY_AUTH: JSON.stringify(auth) };
  const accounts = new AccountsService(
    new AuthSettings(loadConfiguration({ environment })),
    postgres.database,
    new ServiceLog(createLogger({ level: 'silent' })),
    new Metrics({ service: 'test' }),
  );
  opened.push(accounts);
  return accounts;
}

let addresses = 0;
/** Each attempt is of another address, so that limits do not matter where they are not the subject. */
const login = (username: string, password: string) => ({
  username,
  password,
  address: `192.0.2.${addresses++ % 250}`,
});

describe.skipIf(directoryIsMissing())('the sources of accounts', () => {
  it('are asked in order: the first that has a name decides about it', async () => {
    const accounts = await accountsOfAll();
    const passwords = { file: 'of the file', stored: 'of the database', remote: 'of the directory' };
    for (const [name, own] of Object.entries(passwords))
      for (const password of Object.values(passwords)) {
        const admitted = await accounts.authenticate(login(name, password));
        expect(admitted?.identity.subject, `${name} ${password}`).toBe(password === own ? name : undefined);
      }
  });

  it('never make one name of two persons: an account of a later source with the name of an earlier one cannot log in', async () => {
    const accounts = await accountsOfAll();
    for (const name of ['FILE', 'file@example.org', 'STORED', 'stored@example.org'])
      expect(await accounts.authenticate(login(name, 'of the directory')), name).toBeUndefined();
    const admitted = await accounts.authenticate(login('remote@example.org', 'of the directory'));
    expect(admitted?.identity.subject).toBe('remote');
  });

  it('admit nobody with an empty password, which a directory takes for a login of nobody', async () => {
    const accounts = await accountsOfAll();
    for (const name of ['file', 'stored', 'remote', 'nobody'])
      expect(await accounts.authenticate(login(name, '')), name).toBeUndefined();
  });

  // Compares ratios of times: another process may delay one of them.
  it('take as long for an unknown name as for a wrong password of each source', { retry: 5 }, async () => {
    const accounts = await accountsOfAll();
    const medianOf = async (name: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 9; round++) {
        const began = performance.now();
        await accounts.authenticate(login(name, `wrong ${addresses}`));
        times.push(performance.now() - began);
      }
      return times.toSorted((a, b) => a - b)[4] ?? 0;
    };
    await accounts.authenticate(login('remote', 'warm-up'));
    const [unknown, ...known] = [
      await medianOf('nobody'),
      await medianOf('file'),
      await medianOf('stored'),
      await medianOf('remote'),
    ];
    for (const time of known) {
      expect(time / unknown).toBeGreaterThan(0.5);
      expect(time / unknown).toBeLessThan(2);
    }
  });

  it('are limited alike: ten wrong passwords of an account from one address, whatever has it', async () => {
    const accounts = await accountsOfAll();
    // One address for each: the work of wrong passwords of an address is limited, too.
    for (const [place, username] of ['stored', 'remote', 'nobody'].entries()) {
      const attempts = Array.from({ length: 20 }, (_, index) =>
        accounts.authenticate({ username, password: `guess ${index}`, address: `198.51.100.${place}` }),
      );
      const answers = await Promise.allSettled(attempts);
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    }
  });

  it('admit nobody of a directory that does not answer, and still all others', async () => {
    const accounts = await accountsOfAll();
    directory.pause();
    try {
      const lost = accounts.authenticate(login('remote', 'of the directory'));
      await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await accounts.authenticate(login('stored', 'of the database'))).toBeDefined();
      expect(await accounts.authenticate(login('stored', 'wrong'))).toBeUndefined();
    } finally {
      directory.resume();
    }
  });
});

describe.skipIf(directoryIsMissing())('users of the database', () => {
  it('log in with their groups of now, and not when disabled or with the password of before', async () => {
    const accounts = accountsOf({ database: {} });
    await within(async (tx) =>
      addUser(tx, { name: 'ann', passwordHash: await passwordHash('first password') }),
    );
    const first = await accounts.authenticate(login('ann', 'first password'));
    expect(first?.identity).toEqual({
      kind: 'user',
      subject: 'ann',
      groups: [],
      claims: {},
      credential: { kind: 'password' },
    });
    await within((tx) => addGroup(tx, 'dev'));
    await within((tx) => addMember(tx, { group: 'dev', user: 'ann' }));
    expect((await accounts.authenticate(login('ann', 'first password')))?.identity.groups).toEqual(['dev']);
    await within(async (tx) => changePassword(tx, 'ann', { hash: await passwordHash('second password') }));
    expect(await accounts.authenticate(login('ann', 'first password'))).toBeUndefined();
    const second = await accounts.authenticate(login('ann', 'second password'));
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
    const marks = await db
      .selectFrom('credential_marks')
      .selectAll()
      .where('kind', '=', 'password')
      .execute();
    expect(marks).toMatchObject([{ name: 'ann', keeps: second?.fingerprint }]);
    await within((tx) => setUserDisabled(tx, 'ann', true));
    expect(await accounts.authenticate(login('ann', 'second password'))).toBeUndefined();
    expect(await accounts.current('ann')).toBeUndefined();
  });

  it('use a one-time password for an hour from the first login, and then no more', async () => {
    const accounts = accountsOf({ database: {} });
    const hash = await passwordHash('one-time password');
    await within((tx) => addFirstAdministrator(tx, { name: 'root', passwordHash: hash }));
    const until = async () =>
      (
        await db.selectFrom('users').select('password_until').executeTakeFirstOrThrow()
      ).password_until?.getTime() ?? 0;
    expect((await until()) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    expect(await accounts.authenticate(login('root', 'one-time password'))).toBeDefined();
    expect((await until()) - Date.now()).toBeLessThanOrEqual(3_600_000);
    await db
      .updateTable('users')
      .set({ password_until: new Date(Date.now() - 1) })
      .execute();
    expect(await accounts.authenticate(login('root', 'one-time password'))).toBeUndefined();
  });
});

describe.skipIf(directoryIsMissing())('access tokens', () => {
  it('identify their owner under any name, with their limits, and end when they are revoked', async () => {
    const accounts = accountsOf({ database: {} });
    await within((tx) => addUser(tx, { name: 'ann' }));
    await within((tx) => addRobot(tx, { name: 'ann' }));
    const limits = [{ actions: ['pull'], repositories: ['team/**'] }];
    const mine = await within((tx) =>
      addAccessToken(tx, { holder: { user: 'ann' }, name: 'laptop', limits }),
    );
    const robots = await within((tx) => addAccessToken(tx, { holder: { robot: 'ann' }, name: 'build' }));
    for (const name of ['ann', 'token', '']) {
      const admitted = await accounts.authenticate(login(name, mine.secret));
      expect(admitted?.fingerprint).toBeUndefined();
      expect(admitted?.identity).toMatchObject({
        kind: 'user',
        subject: 'ann',
        credential: { kind: 'access-token', id: mine.after?.id },
        limits,
      });
    }
    const robot = (await accounts.authenticate(login('x', robots.secret)))?.identity;
    expect(robot).toMatchObject({ kind: 'robot', subject: 'ann' });
    expect(robot).not.toHaveProperty('limits');
    await within((tx) => removeAccessToken(tx, mine.after?.id ?? ''));
    expect(await accounts.authenticate(login('ann', mine.secret))).toBeUndefined();
    const marks = await db.selectFrom('credential_marks').select(['kind', 'name']).execute();
    expect(marks).toEqual([{ kind: 'credential', name: mine.after?.id }]);
  });

  it('are not a password of anybody, and a wrong one locks nobody out', async () => {
    const accounts = accountsOf({ database: {} });
    const hash = await passwordHash('the password of ann');
    await within((tx) => addUser(tx, { name: 'ann', passwordHash: hash }));
    const { secret, after } = await within((tx) =>
      addAccessToken(tx, { holder: { user: 'ann' }, name: 'x' }),
    );
    await within((tx) => removeAccessToken(tx, after?.id ?? ''));
    const address = '198.51.100.2';
    for (let round = 0; round < 30; round++)
      expect(await accounts.authenticate({ username: 'ann', password: secret, address })).toBeUndefined();
    expect(
      await accounts.authenticate({ username: 'ann', password: 'the password of ann', address }),
    ).toBeDefined();
  });

  it('have the time of their last use, which is written without a login waiting for it', async () => {
    const accounts = accountsOf({ database: {} });
    await within((tx) => addRobot(tx, { name: 'ci' }));
    const { secret, after } = await within((tx) =>
      addAccessToken(tx, { holder: { robot: 'ci' }, name: 'x' }),
    );
    const id = after?.id ?? '';
    await accounts.authenticate(login('ci', secret));
    expect((await accessToken(db, id))?.lastUsedAt).toBeUndefined();
    await accounts.onApplicationShutdown();
    const used = (await accessToken(db, id))?.lastUsedAt?.getTime() ?? 0;
    expect(Math.abs(used - Date.now())).toBeLessThan(60_000);
  });

  it('of a user of the directory end with the user there', async () => {
    const accounts = await accountsOfAll();
    expect(await accounts.authenticate(login('remote', 'of the directory'))).toBeDefined();
    const { secret } = await within((tx) => addAccessToken(tx, { holder: { user: 'remote' }, name: 'x' }));
    expect((await accounts.authenticate(login('x', secret)))?.identity.subject).toBe('remote');
    await directory.modify(
      `dn: uid=remote,${people}\nchangetype: modrdn\nnewrdn: uid=gone\ndeleteoldrdn: 1\n\ndn: uid=gone,${people}\nchangetype: modify\nreplace: mail\nmail: gone@example.org\n`,
    );
    try {
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect(await accounts.authenticate(login('x', secret))).toBeUndefined();
    } finally {
      await directory.modify(
        `dn: uid=gone,${people}\nchangetype: modrdn\nnewrdn: uid=remote\ndeleteoldrdn: 1\n`,
      );
    }
  });

  it('of a person of an identity provider carry the claims of the last confirmation, and end with the access there', async () => {
    const accounts = await accountsOfAll();
    const offline = {
      id: randomUUID(),
      attempt: randomBytes(32),
      providerSession: undefined,
      tokens: Buffer.from('sealed'),
      isOffline: true,
      isRenewable: true,
      confirmSeconds: 60,
      lifeSeconds: 60,
    };
    const person = {
      provider: 'company',
      externalId: 'of-eve',
      email: undefined,
      groups: ['dev'],
      claims: { team: 'a' },
    };
    const session = { id: randomUUID(), secretHash: randomBytes(32), device: 'a browser', lifeSeconds: 60 };
    await recordLogin(db, { person, userName: 'eve', login: offline, session });
    const { secret } = await within((tx) => addAccessToken(tx, { holder: { user: 'eve' }, name: 'x' }));
    expect((await accounts.authenticate(login('x', secret)))?.identity).toMatchObject({
      subject: 'eve',
      groups: ['dev'],
      claims: { team: 'a' },
    });
    await endUnconfirmedLogin(db, offline.id);
    expect(await accounts.authenticate(login('x', secret))).toBeUndefined();
  });
});
