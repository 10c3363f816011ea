import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { addDeviceCode, decideDeviceCode, pollDeviceCode, waitingDevice } from './device-codes.ts';
import {
  confirmLogin,
  dueLogin,
  endLoginsOf,
  endUnconfirmedLogin,
  type LoginOutcome,
  type NewOidcLogin,
  type OidcPerson,
  personOfSource,
  recordLogin,
} from './logins.ts';
import { addUser, setUserDisabled, userByName } from '../accounts/users.ts';
import { transact } from '../transact.ts';
import {
  endProviderSession,
  endSession,
  expireSessions,
  rotateSession,
  sessionsOf,
  sessionWithSecret,
} from './sessions.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());
afterEach(async () => {
  await db.deleteFrom('users').execute();
  await db.deleteFrom('device_codes').execute();
});

const day = 86_400;
const alice: OidcPerson = {
  provider: 'company',
  externalId: 'sub-of-alice',
  email: 'alice@a.example',
  groups: ['a', 'b'],
  claims: { email: 'alice@a.example' },
};

interface LoggedIn {
  readonly outcome: LoginOutcome;
  readonly id: string;
  readonly secret: Buffer;
}

async function logIn(
  more: { person?: OidcPerson; userName?: string; login?: Partial<NewOidcLogin> } = {},
): Promise<LoggedIn> {
  const secret = randomBytes(32);
  const login: NewOidcLogin = {
    id: randomUUID(),
    attempt: randomBytes(32),
    providerSession: 'sid',
    tokens: Buffer.from('sealed'),
    isOffline: true,
    isRenewable: true,
    confirmSeconds: 0,
    lifeSeconds: day,
    ...more.login,
  };
  const session = { id: randomUUID(), secretHash: secret, device: 'a browser', lifeSeconds: day };
  const outcome = await recordLogin(db, {
    person: more.person ?? alice,
    userName: more.userName ?? 'alice',
    login,
    session,
  });
  return { outcome, id: login.id, secret };
}

/** Confirms a device, and returns the secret of its session. */
async function addDevice(loginId: string): Promise<Buffer> {
  const [hash, secret, userCode] = [randomBytes(32), randomBytes(32), randomUUID()];
  await addDeviceCode(db, { userCode, device: 'a laptop', address: '192.0.2.1', hash, lifeSeconds: 60 });
  await decideDeviceCode(db, userCode, loginId);
  const session = { id: randomUUID(), secretHash: secret, lifeSeconds: day };
  await pollDeviceCode(db, hash, { session, intervalSeconds: 5 });
  return secret;
}

const live = (secret: Uint8Array) => sessionWithSecret(db, secret, day);

describe('a login', () => {
  it('makes a session with what the provider says', async () => {
    const { outcome, secret } = await logIn();
    expect(outcome).toEqual({ kind: 'logged in', userName: 'alice' });
    expect(await live(secret)).toMatchObject({ userName: 'alice', groups: ['a', 'b'], kind: 'browser' });
  });

  it('is made once of an attempt', async () => {
    const attempt = randomBytes(32);
    await logIn({ login: { attempt } });
    const { outcome, secret } = await logIn({ login: { attempt } });
    expect(outcome).toEqual({ kind: 'replayed' });
    expect(await live(secret)).toBeUndefined();
  });

  it('is refused to another person with the same name, of the same or another provider', async () => {
    await logIn();
    for (const other of [{ externalId: 'other' }, { provider: 'other' }])
      expect((await logIn({ person: { ...alice, ...other } })).outcome).toEqual({ kind: 'name taken' });
  });

  it('is refused with the name of an account of another source, and with a name that no account can have', async () => {
    await transact(db, (tx) => addUser(tx, { name: 'alice' }));
    expect((await logIn()).outcome).toEqual({ kind: 'name taken' });
    expect((await logIn({ userName: 'a b' })).outcome).toEqual({ kind: 'no name' });
  });

  it('makes an account of the provider, which takes the name that the provider gives now', async () => {
    await logIn();
    expect(await userByName(db, 'alice')).toMatchObject({
      source: 'oidc:company',
      externalId: 'sub-of-alice',
    });
    expect((await logIn({ userName: 'alicia' })).outcome).toEqual({ kind: 'logged in', userName: 'alicia' });
    expect(await userByName(db, 'alice')).toBeUndefined();
  });

  it('is refused to a disabled account, whose sessions count no longer', async () => {
    const { secret } = await logIn();
    await transact(db, (tx) => setUserDisabled(tx, 'alice', true));
    expect(await live(secret)).toBeUndefined();
    expect((await logIn()).outcome).toEqual({ kind: 'disabled' });
  });

  it('replaces the groups for the sessions that there are', async () => {
    const { secret } = await logIn();
    await logIn({ person: { ...alice, groups: ['a'] } });
    expect((await live(secret))?.groups).toEqual(['a']);
  });

  it('counts for no longer than the provider confirms it', async () => {
    const { secret, id } = await logIn();
    await db
      .updateTable('oidc_logins')
      .set({ confirmed_at: sql<Date>`now() - interval '2 days'` })
      .where('id', '=', id)
      .execute();
    expect(await live(secret)).toBeUndefined();
  });
});

describe('a confirmation', () => {
  it('is claimed by one of the replicas that ask together', async () => {
    await logIn();
    const claimed = await Promise.all(Array.from({ length: 4 }, () => dueLogin(db, 60)));
    expect(claimed.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('is not asked for where the tokens cannot', async () => {
    await logIn({ login: { isRenewable: false } });
    expect(await dueLogin(db, 60)).toBeUndefined();
  });

  it('takes a group away', async () => {
    const { id, secret } = await logIn();
    const person = { ...alice, groups: ['a'] };
    expect(await confirmLogin(db, { id, person, tokens: Buffer.from('new'), confirmSeconds: 60 })).toBe(true);
    expect(await live(secret)).toMatchObject({ groups: ['a'], tokens: Buffer.from('new') });
    expect(await dueLogin(db, 60)).toBeUndefined();
  });

  it('does not bring an ended login back', async () => {
    const { id } = await logIn();
    await endLoginsOf(db, (await personOfSource(db, 'oidc:company', 'sub-of-alice'))?.userId ?? 0);
    expect(await confirmLogin(db, { id, person: alice, tokens: Buffer.alloc(1), confirmSeconds: 60 })).toBe(
      false,
    );
  });

  it.each([
    [true, []],
    [false, ['a', 'b']],
  ])(
    'that is refused ends the sessions; with offline access (%s) the person, too',
    async (isOffline, groups) => {
      const { id, secret } = await logIn({ login: { isOffline } });
      await endUnconfirmedLogin(db, id);
      expect(await live(secret)).toBeUndefined();
      expect((await userByName(db, 'alice'))?.groups).toEqual(groups);
      expect(await personOfSource(db, 'oidc:company', 'sub-of-alice')).toMatchObject({ hasEnded: isOffline });
    },
  );

  it('ends every session of a person whose access ended, until the next login', async () => {
    const first = await logIn();
    const second = await logIn();
    await endUnconfirmedLogin(db, second.id);
    expect(await live(first.secret)).toBeUndefined();
    await logIn();
    expect(await live(first.secret)).toBeDefined();
  });
});

describe('logout', () => {
  it('ends one session', async () => {
    const { secret, id } = await logIn();
    const device = await addDevice(id);
    const session = await live(secret);
    expect(await endSession(db, session?.id ?? '')).toBe(true);
    expect(await live(secret)).toBeUndefined();
    expect(await live(device)).toBeDefined();
  });

  it('everywhere ends all of a person, and of nobody else', async () => {
    const bob = { ...alice, externalId: 'sub-of-bob' };
    const [one, two, other] = [await logIn(), await logIn(), await logIn({ person: bob, userName: 'bob' })];
    expect(
      await endLoginsOf(db, (await personOfSource(db, 'oidc:company', 'sub-of-alice'))?.userId ?? 0),
    ).toBe(2);
    expect(await Promise.all([one, two, other].map(({ secret }) => live(secret)))).toEqual([
      undefined,
      undefined,
      expect.objectContaining({ userName: 'bob' }),
    ]);
  });

  it.each([
    [true, 'device'],
    [false, undefined],
  ])('at the provider leaves what was granted for offline use (%s)', async (isOffline, kind) => {
    const { secret, id } = await logIn({ login: { isOffline } });
    const device = await addDevice(id);
    expect(await endProviderSession(db, alice.provider, 'another')).toBe(0);
    await endProviderSession(db, alice.provider, 'sid');
    expect(await live(secret)).toBeUndefined();
    expect((await live(device))?.kind).toBe(kind);
  });
});

describe("the secret of a device's session", () => {
  it('is replaced, and the replaced one counts for a minute, in case the answer was lost', async () => {
    const { id } = await logIn();
    const first = await addDevice(id);
    const [second, third, fourth] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    expect(await rotateSession(db, first, second)).toMatchObject({ kind: 'rotated' });
    expect(await live(first)).toBeUndefined();
    expect(await rotateSession(db, first, third)).toMatchObject({ kind: 'rotated' });
    expect(await rotateSession(db, third, fourth)).toMatchObject({ kind: 'rotated' });
    expect(await live(fourth)).toBeDefined();
  });

  it('ends the session when it comes back later', async () => {
    const { id } = await logIn();
    const first = await addDevice(id);
    const second = randomBytes(32);
    await rotateSession(db, first, second);
    await db
      .updateTable('sessions')
      .set({ rotated_at: sql<Date>`now() - interval '61 seconds'` })
      .execute();
    expect(await rotateSession(db, first, randomBytes(32))).toEqual({ kind: 'reused' });
    expect(await live(second)).toBeUndefined();
  });

  it('of a browser is never replaced', async () => {
    const { secret } = await logIn();
    expect(await rotateSession(db, secret, randomBytes(32))).toEqual({ kind: 'unknown' });
  });
});

describe('a device code', () => {
  const device = { userCode: 'CODE', device: 'a laptop', address: '192.0.2.1' };
  const hash = randomBytes(32);
  const poll = (interval = 1, secretHash = randomBytes(32)) =>
    pollDeviceCode(db, hash, {
      session: { id: randomUUID(), secretHash, lifeSeconds: day },
      intervalSeconds: interval,
    });

  it('waits, is confirmed, and gives one session', async () => {
    const { id } = await logIn();
    await addDeviceCode(db, { ...device, hash, lifeSeconds: 60 });
    expect(await waitingDevice(db, 'CODE')).toEqual(device);
    expect(await poll()).toBe('pending');
    expect(await decideDeviceCode(db, 'CODE', id)).toBe(true);
    expect(await decideDeviceCode(db, 'CODE', undefined)).toBe(false);
    const secret = randomBytes(32);
    expect(await poll(1, secret)).toBe('approved');
    expect(await poll()).toBe('unknown');
    expect(await live(secret)).toMatchObject({ kind: 'device', device: 'a laptop', userName: 'alice' });
    const person = await personOfSource(db, 'oidc:company', 'sub-of-alice');
    expect(await sessionsOf(db, person?.userId ?? 0, day)).toHaveLength(2);
  });

  it('is told to slow down, denied, expired', async () => {
    await addDeviceCode(db, { ...device, hash, lifeSeconds: 60 });
    expect([await poll(60), await poll(60)]).toEqual(['pending', 'slow down']);
    await decideDeviceCode(db, 'CODE', undefined);
    expect(await poll()).toBe('denied');
    await addDeviceCode(db, { ...device, hash, lifeSeconds: 0 });
    expect(await poll()).toBe('expired');
    expect(await waitingDevice(db, 'CODE')).toBeUndefined();
    await expireSessions(db);
    expect(await poll()).toBe('unknown');
  });

  it('is refused beyond 20 of one address', async () => {
    const added = [];
    for (let each = 0; each < 21; each++)
      added.push(
        await addDeviceCode(db, { ...device, userCode: `C${each}`, hash: randomBytes(32), lifeSeconds: 60 }),
      );
    expect(added.filter(Boolean)).toHaveLength(20);
    const other = { ...device, userCode: 'OTHER', address: '192.0.2.2' };
    expect(await addDeviceCode(db, { ...other, hash: randomBytes(32), lifeSeconds: 60 })).toBe(true);
    expect(await addDeviceCode(db, { ...other, hash: randomBytes(32), lifeSeconds: 60 })).toBe(false);
  });
});
