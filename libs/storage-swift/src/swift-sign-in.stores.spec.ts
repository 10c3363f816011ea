import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { bytesOf, failureOf, inChunks, newKey, someBytes } from '@longshore/storage/testing';
import {
  type KeystoneSwift,
  startSwift,
  startSwiftWithKeystone,
  type TempauthSwift,
} from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SwiftDriver } from './swift-driver.ts';
import { startIdentityV2 } from './testing/identity-v2.ts';
import { openSwift, watchTokens } from './testing/swift-subject.ts';

const mebibyte = 1024 * 1024;
/** Lifetimes of tokens in seconds: short enough to end within a test, but longer than a test's requests, which Keystone validates one at a time. */
const tokenLife = { v1: 6, v3: 30 };
const bytes = someBytes(3 * mebibyte);

let tempauth: TempauthSwift;
let keystone: KeystoneSwift;
beforeAll(async () => {
  tempauth = await startSwift({ tokenLifeSeconds: tokenLife.v1 });
  keystone = await startSwiftWithKeystone({ tokenLifeSeconds: tokenLife.v3 });
});
afterAll(async () => {
  await tempauth.stop();
  await keystone.stop();
});

/** Keystone answers one request at a time, so it gets more time than other servers. */
const open = (parameters: object): SwiftDriver => openSwift(parameters, 30_000);

const v1 = () => ({
  authurl: tempauth.authUrl,
  container: tempauth.container,
  username: tempauth.username,
  password: tempauth.password,
});
const v3 = () => ({ authurl: keystone.keystoneUrl, container: keystone.container });
const byPassword = () => ({
  ...v3(),
  username: keystone.username,
  password: keystone.password,
  tenant: keystone.project,
});
const byCredential = () => ({
  ...v3(),
  applicationcredentialid: keystone.applicationCredential.id,
  applicationcredentialsecret: keystone.applicationCredential.secret,
});
const byTrust = () => ({
  ...v3(),
  username: keystone.trust.username,
  password: keystone.trust.password,
  trustid: keystone.trust.id,
});

const ways: [string, () => object][] = [
  ['v1', v1],
  ['v3 with a password', byPassword],
  [
    'v3 with a password, found by the list of versions',
    () => ({ ...byPassword(), authurl: new URL(keystone.keystoneUrl).origin }),
  ],
  [
    'v3 with ids',
    () => ({ ...v3(), userid: keystone.userId, password: keystone.password, tenantid: keystone.projectId }),
  ],
  [
    'v3 with a domain and a region',
    () => ({ ...byPassword(), domain: keystone.domain, region: keystone.region, endpointtype: 'internal' }),
  ],
  ['v3 with an application credential', byCredential],
  [
    'v3 with an application credential by its name',
    () => ({
      ...v3(),
      userid: keystone.userId,
      applicationcredentialname: keystone.applicationCredential.name,
      applicationcredentialsecret: keystone.applicationCredential.secret,
    }),
  ],
  ['v3 with a trust', byTrust],
];

/** Yields half of the bytes, awaits `meanwhile`, and yields the other half. */
async function* inHalves(meanwhile: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes.subarray(0, 2 * mebibyte));
  await meanwhile();
  yield* inChunks(bytes.subarray(2 * mebibyte));
}

async function pushed(driver: SwiftDriver, meanwhile: () => Promise<unknown>) {
  const key = newKey();
  const appended = await driver.append({ key, offset: 0, state: null }, inHalves(meanwhile));
  // A failure of the source is reported in `interrupted`, not thrown.
  expect(appended.interrupted).toBeUndefined();
  await driver.commit({ key, ...appended });
  return key;
}

/** Reads everything, and waits in the middle. */
async function readInHalves(
  driver: SwiftDriver,
  key: ReturnType<typeof newKey>,
  meanwhile: () => Promise<unknown>,
) {
  const middle = bytes.byteLength / 2;
  const first = await bytesOf(await driver.read(key, { end: middle - 1 }));
  await meanwhile();
  return Buffer.concat([first, await bytesOf(await driver.read(key, { start: middle }))]);
}

/** Tokens of v1 exist only in memcached. */
const forget = (): Promise<void> => tempauth.restart();

/** Revokes a token, as after a leak. A token that has just expired is absent. */
async function revoke(token: string): Promise<void> {
  const { username: name, password } = keystone;
  const url = `${keystone.keystoneUrl}/auth/tokens`;
  const user = { name, domain: { id: 'default' }, password };
  const login = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
  });
  expect(`${login.status} ${await login.text()}`).toMatch(/^201 /);
  const own = login.headers.get('x-subject-token') ?? '';
  const answer = await fetch(url, {
    method: 'DELETE',
    headers: { 'x-auth-token': own, 'x-subject-token': token },
  });
  expect(`${answer.status} ${await answer.text()}`).toMatch(/^(?:204|404) /);
}

describe('Swift, signing in', () => {
  it.each(ways)('finds the container by %s', async (_, parameters) => {
    const driver = open(parameters());
    const { done } = await driver.list('')[Symbol.asyncIterator]().next();
    expect(done).toBe(true);
    await driver.close();
  });

  it('checks by v2, with a write and a read, and names the parameters to check when it is refused', async () => {
    await using identity = await startIdentityV2(tempauth.authUrl);
    const [tenant, username] = tempauth.username.split(':');
    const parameters = { ...v1(), authurl: identity.authUrl, tenant, username };
    const driver = open(parameters);
    await expect(driver.check()).resolves.toBeUndefined();
    await driver.close();
    const failure = await failureOf(open({ ...parameters, password: 'wrong-secret' }).check());
    expect(failure).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining(
        'Invalid user / password (see storage.swift: username, password, tenant)',
      ),
    });
  });
});

describe('Swift, a token', () => {
  it.each([
    ['v1', v1],
    ['v3', byPassword],
  ] as const)('expiring midway stops neither an upload nor a read: %s', async (version, parameters) => {
    const end = (): Promise<void> => sleep((tokenLife[version] + 2) * 1000);
    using tokens = watchTokens();
    const driver = open(parameters());
    const key = await pushed(driver, end);
    expect(tokens.seen.size).toBeGreaterThan(1);
    const before = tokens.seen.size;
    expect((await readInHalves(driver, key, end)).equals(bytes)).toBe(true);
    expect(tokens.seen.size).toBeGreaterThan(before);
    await driver.close();
  });

  it('revoked midway stops neither an upload nor a read: v3', async () => {
    using tokens = watchTokens();
    const driver = open(byPassword());
    const revokeLast = async (): Promise<void> => revoke([...tokens.seen].at(-1) ?? '');
    const key = await pushed(driver, revokeLast);
    expect(tokens.seen.size).toBeGreaterThan(1);
    const before = tokens.seen.size;
    expect((await readInHalves(driver, key, revokeLast)).equals(bytes)).toBe(true);
    expect(tokens.seen.size).toBeGreaterThan(before);
    await driver.close();
  });

  it('forgotten by the service stops neither an upload nor a read: v1', async () => {
    using tokens = watchTokens();
    const driver = open({ ...v1(), maxretries: 50 });
    const key = await pushed(driver, forget);
    const before = tokens.seen.size;
    expect(before).toBeGreaterThan(1);
    expect((await readInHalves(driver, key, forget)).equals(bytes)).toBe(true);
    expect(tokens.seen.size).toBeGreaterThan(before);
    await driver.close();
  });
});

describe('Swift, check', () => {
  const elsewhere = 'http://127.0.0.1:9';
  it.each<[string, () => object, string, RegExp]>([
    [
      'authurl, where nobody is',
      () => ({ ...v1(), authurl: `${elsewhere}/auth/v1.0` }),
      'unavailable',
      /ECONNREFUSED.*see storage\.swift: authurl, /,
    ],
    [
      'authurl, a host without address',
      () => ({ ...v1(), authurl: 'http://nowhere.invalid/auth/v1.0' }),
      'unavailable',
      /ENOTFOUND|EAI_AGAIN.*see storage\.swift: authurl, /,
    ],
    [
      'authurl, its path',
      () => ({ ...byPassword(), authurl: `${new URL(keystone.keystoneUrl).origin}/nowhere` }),
      'denied',
      /404.*see storage\.swift: authurl, authversion/,
    ],
    [
      'authurl of another version',
      () => ({ ...byPassword(), authurl: new URL(keystone.keystoneUrl).origin, authversion: 2 }),
      'denied',
      /404.*see storage\.swift: authurl, authversion/,
    ],
    [
      'password of v1',
      () => ({ ...v1(), password: 'wrong-secret' }),
      'denied',
      /401.*see storage\.swift: username, password\)/,
    ],
    [
      'password of v3',
      () => ({ ...byPassword(), password: 'wrong-secret' }),
      'denied',
      /401: The request you have made requires authentication.*see storage\.swift: username, password, tenant\)/,
    ],
    [
      'tenant',
      () => ({ ...byPassword(), tenant: 'nobodys' }),
      'denied',
      /401.*see storage\.swift: username, password, tenant\)/,
    ],
    [
      'application credential',
      () => ({ ...byCredential(), applicationcredentialsecret: 'wrong-secret' }),
      'denied',
      /see storage\.swift: applicationcredentialid, applicationcredentialsecret\)/,
    ],
    ['trust', () => ({ ...byTrust(), trustid: 'nobodys' }), 'denied', /see storage\.swift: .*trustid\)/],
    [
      'region',
      () => ({ ...byPassword(), region: 'moon' }),
      'denied',
      /region moon: the catalog has RegionOne/,
    ],
    [
      'user who may do nothing, v1',
      () => ({ ...v1(), ...tempauth.stranger }),
      'denied',
      /GET \/longshore-\w+ answered 403: .*see storage\.swift: container, and what its user may do\)/,
    ],
    [
      'user who may do nothing, v3',
      () => ({ ...byPassword(), ...keystone.stranger }),
      'denied',
      /GET \/longshore-\w+ answered 403: .*see storage\.swift: container, and what its user may do\)/,
    ],
    [
      'container, its name',
      () => ({ ...v1(), container: 'c'.repeat(300) }),
      'denied',
      /400: Container name length of 300 longer than 256 \(see storage\.swift: container/,
    ],
    [
      'storagepolicy',
      () => ({ ...v1(), container: 'not-yet-there', storagepolicy: 'gold' }),
      'denied',
      /400: Invalid X-Storage-Policy 'gold' \(see storage\.swift: container, storagepolicy\)/,
    ],
  ])('names the problem and the answer, and no secret: %s', async (_, parameters, kind, message) => {
    const wrong = open({ maxretries: 0, ...parameters() });
    const failure = await failureOf(wrong.check());
    expect(failure.kind).toBe(kind);
    expect(failure.message).toMatch(message);
    const all = inspect(failure, { depth: 10, showHidden: true });
    for (const secret of [tempauth.password, keystone.password, keystone.trust.password, 'wrong-secret'])
      expect(all).not.toContain(secret);
    await wrong.close();
  });
});
