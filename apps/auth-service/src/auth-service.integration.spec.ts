import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KeySource,
  PolicyRights,
  signingAlgorithms,
  TokenVerifier,
  userNamed,
} from '@longshore/authorization';
import { loadConfiguration } from '@longshore/configuration';
import { authenticate, InProcessBus, issueToken, signingKeys, type TokenCall } from '@longshore/messaging';
import {
  addAccessToken,
  addRobot,
  revokeSigningKey,
  rotateSigningKeys,
  signingKeys as storedKeys,
  transact,
} from '@longshore/metadata';
import { migratedDatabase, type MigratedDatabase } from '@longshore/metadata/testing';
import { matchRoute, OciError, routeIds, routes } from '@longshore/oci';
import { AccessControl, type ClientFacts, CredentialAuthenticator } from '@longshore/service-kit';
import { hashSync } from 'bcryptjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { contextOf, startAuthService } from './testing/start-auth-service.ts';

let postgres: MigratedDatabase;
let directory = '';
let htpasswd = '';
beforeAll(async () => {
  postgres = await migratedDatabase();
  directory = await mkdtemp(join(tmpdir(), 'auth-service-'));
  htpasswd = join(directory, 'htpasswd');
});
afterAll(async () => {
  await postgres.drop();
  await rm(directory, { recursive: true, force: true });
});

const writeAccounts = (accounts: Record<string, string>): Promise<void> =>
  writeFile(
    htpasswd,
    Object.entries(accounts)
      .map(([name, password]) => `${name}:${hashSync(password, 4)}\n`)
      .join(''),
  );

const client: ClientFacts = {
  requestId: 'request-1',
  address: '192.0.2.1',
  host: 'a.example',
  scheme: 'https',
  userAgent: '',
  baseUrl: 'https://a.example',
  locationBase: '',
};

interface Replica {
  readonly bus: InProcessBus;
  close(): Promise<unknown>;
}

const replicas: Replica[] = [];
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((each) => each.close()));
  await postgres.database.db.deleteFrom('signing_keys').execute();
});

/** Starts a replica of auth-service as a process would compose it, on its own bus. */
async function replica(settings: Record<string, string | undefined> = {}): Promise<Replica> {
  const environment = {
    REGISTRY_STORAGE: 'inmemory',
    REGISTRY_AUTH_HTPASSWD_PATH: htpasswd,
    REGISTRY_AUTH_TOKEN: '{}',
    REGISTRY_HTTP_SECRET: 'shared',
    ...settings,
  };
  const bus = new InProcessBus();
  const context = contextOf('auth-service', loadConfiguration({ environment }));
  const app = await startAuthService(context, { bus, database: postgres.database });
  const started = { bus, close: () => app.close() };
  replicas.push(started);
  return started;
}

class BusKeys extends KeySource {
  readonly #bus: InProcessBus;
  constructor(bus: InProcessBus) {
    super();
    this.#bus = bus;
  }
  override keys() {
    return this.#bus.request(signingKeys, {});
  }
}

const verifierOn = ({ bus }: Replica): TokenVerifier =>
  new TokenVerifier({
    issuers: [
      {
        issuer: 'longshore',
        audience: 'longshore',
        own: true,
        algorithms: signingAlgorithms,
        keys: new BusKeys(bus),
      },
    ],
  });

const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

interface Body {
  readonly token?: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly error?: string;
  readonly errors?: readonly { readonly code: string }[];
}

async function ask(
  { bus }: Replica,
  call: Partial<TokenCall> & Pick<TokenCall, 'parameters'>,
): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: Body }> {
  const { status, headers, body } = await bus.request(issueToken, {
    method: 'GET',
    address: '192.0.2.1',
    ...call,
  });
  const parsed: Body = JSON.parse(body);
  return { status, headers, body: parsed };
}

const headerOf = (token: string): { readonly kid: string; readonly alg: string } =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
const claimsOf = (token: string): { readonly exp: number } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const kidOf = (token: string): string => headerOf(token).kid;
const algorithmOf = (token: string): string => headerOf(token).alg;

const poll = { timeout: 20_000, interval: 200 };

/** Asks for tokens until one is as expected. */
async function until(on: Replica, isSo: (token: string) => boolean): Promise<string> {
  let token = '';
  await expect
    .poll(async () => {
      token = (await ask(on, { authorization: basic('alice', 'secret'), parameters: [] })).body.access_token;
      return isSo(token);
    }, poll)
    .toBe(true);
  return token;
}

const form = (fields: Record<string, string>): readonly (readonly [string, string])[] =>
  Object.entries({ service: 'longshore', client_id: 'test', ...fields });
const post = (on: Replica, fields: Record<string, string>) =>
  ask(on, { method: 'POST', parameters: form(fields) });

/** Every route of the table, in one repository. */
const everyRoute = routeIds.flatMap((id) => {
  const { methods, template } = routes[id];
  const path = template
    .replace('<name>', 'team/app')
    .replace('<digest>', `sha256:${'0'.repeat(64)}`)
    .replace('<reference>', 'latest')
    .replace('<id>', randomUUID());
  return methods.map((method) => [id, method, path] as const);
});

const bearer = () =>
  ({ kind: 'bearer', realm: 'https://a.example/auth/token', service: 'longshore' }) as const;

describe('a token of what a door asks for', () => {
  beforeAll(() => writeAccounts({ alice: 'secret' }));

  it('opens every route of the table', async () => {
    const on = await replica();
    const door = new AccessControl(
      new CredentialAuthenticator({ passwords: undefined, tokens: verifierOn(on), challenge: bearer }),
      new PolicyRights(),
    );
    const enter = async (method: string, path: string, authorization?: string): Promise<unknown> => {
      const request = new IncomingMessage(new Socket());
      request.headers = authorization === undefined ? {} : { authorization };
      return door.admit(matchRoute(method, path), request, client);
    };
    const shut: string[] = [];
    for (const [id, method, path] of everyRoute) {
      const refused: unknown = await enter(method, path).catch((error: unknown) => error);
      const header = refused instanceof OciError ? (refused.headers['www-authenticate'] ?? '') : '';
      const [, scope = ''] = /scope="([^"]*)"/.exec(header) ?? [];
      const { body } = await ask(on, {
        authorization: basic('alice', 'secret'),
        parameters: [['scope', scope]],
      });
      const entered = enter(method, path, `Bearer ${body.access_token}`);
      await entered.catch(() => shut.push(`${id}: no token opens ${method} ${path} (${scope})`));
    }
    expect(shut).toEqual([]);
  });
});

describe('GET /auth/token', () => {
  beforeAll(() => writeAccounts({ alice: 'secret' }));

  it('gives an account a token for what it asked for', async () => {
    const on = await replica();
    const { status, headers, body } = await ask(on, {
      authorization: basic('alice', 'secret'),
      parameters: [
        ['service', 'longshore'],
        ['scope', 'repository:a:pull,push repository:b/c:pull'],
        ['scope', 'repository:a:delete'],
        ['scope', 'no scope at all'],
        ['account', 'alice'],
      ],
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(body.token).toBe(body.access_token);
    expect(body.expires_in).toBe(300);
    expect(body.issued_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(body.refresh_token).toBeUndefined();
    expect(await verifierOn(on).verify(body.access_token)).toMatchObject({
      subject: 'alice',
      kind: 'user',
      grants: [
        { type: 'repository', name: 'a', actions: ['pull', 'push', 'delete'] },
        { type: 'repository', name: 'b/c', actions: ['pull'] },
      ],
    });
  });

  it('gives an anonymous client a token that opens nothing', async () => {
    const on = await replica();
    const { status, body } = await ask(on, {
      parameters: [
        ['scope', 'repository:a:pull'],
        ['offline_token', 'true'],
      ],
    });
    expect(status).toBe(200);
    expect(body.refresh_token).toBeUndefined();
    expect(await verifierOn(on).verify(body.access_token)).toMatchObject({
      subject: '',
      kind: 'anonymous',
      grants: [],
    });
  });

  it.each([
    ['a wrong password', basic('alice', 'wrong')],
    ['an unknown name', basic('nobody', 'secret')],
    ['two spaces', `Basic  ${basic('alice', 'secret').slice(6)}`],
    ['an empty header', ''],
    ['a bearer token', 'Bearer a.b.c'],
  ])('refuses %s with one and the same answer', async (_, authorization) => {
    const { status, headers, body } = await ask(await replica(), {
      authorization,
      parameters: [['scope', 'repository:a:pull']],
    });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(body).toEqual({
      errors: [
        { code: 'UNAUTHORIZED', message: 'authentication required', detail: 'the credentials are not valid' },
      ],
      error: 'invalid_grant',
      error_description: 'the credentials are not valid',
    });
  });

  it('takes the scheme in any case (RFC 9110, section 11.1)', async () => {
    const authorization = basic('alice', 'secret').replace('Basic', 'bAsIc');
    const parameters: [string, string][] = [['scope', 'repository:a:pull']];
    expect((await ask(await replica(), { authorization, parameters })).status).toBe(200);
  });

  it('never exchanges one token for another', async () => {
    const on = await replica();
    const { body } = await ask(on, {
      authorization: basic('alice', 'secret'),
      parameters: [['offline_token', 'true']],
    });
    expect((await ask(on, { authorization: `Bearer ${body.access_token}`, parameters: [] })).status).toBe(
      401,
    );
    expect((await post(on, { grant_type: 'refresh_token', refresh_token: body.access_token })).status).toBe(
      401,
    );
    await expect(verifierOn(on).verify(body.refresh_token ?? '')).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  it('refuses another service, repeated parameters, and scopes that no token could hold', async () => {
    const on = await replica();
    expect((await ask(on, { parameters: [['service', 'other']] })).status).toBe(400);
    expect(
      (
        await ask(on, {
          parameters: [
            ['service', 'longshore'],
            ['service', 'other'],
          ],
        })
      ).status,
    ).toBe(400);
    expect(
      (
        await ask(on, {
          parameters: Array.from({ length: 500 }, () => ['scope', 'repository:a:pull'] as const),
        })
      ).status,
    ).toBe(400);
    const long = Array.from(
      { length: 90 },
      (_, index) => ['scope', `repository:${'x'.repeat(200)}${index}:pull`] as const,
    );
    expect((await ask(on, { authorization: basic('alice', 'secret'), parameters: long })).body.error).toBe(
      'invalid_request',
    );
  });

  it('answers 404 if the registry issues no tokens, so that clients fall back', async () => {
    const { status, body } = await ask(await replica({ REGISTRY_AUTH_TOKEN: undefined }), { parameters: [] });
    expect([status, body.errors?.[0]?.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('POST /auth/token', () => {
  beforeAll(() => writeAccounts({ alice: 'secret', bob: 'b' }));

  it('accepts a password, and then the refresh token that it returned', async () => {
    const on = await replica();
    const first = await post(on, {
      grant_type: 'password',
      username: 'alice',
      password: 'secret',
      scope: 'repository:a:pull,push',
      access_type: 'offline',
    });
    expect(first.status).toBe(200);
    expect(first.body.scope).toBe('repository:a:pull,push');
    const second = await post(on, {
      grant_type: 'refresh_token',
      refresh_token: first.body.refresh_token ?? '',
      scope: 'repository:b:pull registry:catalog:*',
    });
    expect(second.body.scope).toBe('repository:b:pull registry:catalog:*');
    expect(await verifierOn(on).verify(second.body.access_token)).toMatchObject({
      subject: 'alice',
      grants: [{ name: 'b' }, { name: 'catalog' }],
    });
  });

  it('ends a refresh token with its account, its password, its service, its secret and its time', async () => {
    await writeAccounts({ alice: 'secret', bob: 'b' });
    const on = await replica();
    const { refresh_token: token = '' } = (
      await post(on, {
        grant_type: 'password',
        username: 'alice',
        password: 'secret',
        access_type: 'offline',
      })
    ).body;
    const use = async (by: Replica, refresh: string) =>
      (await post(by, { grant_type: 'refresh_token', refresh_token: refresh })).status;
    expect(await use(on, token)).toBe(200);
    expect(await use(on, `${token}x`)).toBe(401);
    expect(await use(on, `${token.slice(0, -2)}AA`)).toBe(401);
    expect(await use(await replica({ REGISTRY_HTTP_SECRET: 'another' }), token)).toBe(401);
    const elsewhere = await replica({ REGISTRY_AUTH_TOKEN_SERVICE: 'elsewhere' });
    expect(
      (
        await ask(elsewhere, {
          method: 'POST',
          parameters: form({ grant_type: 'refresh_token', refresh_token: token, service: 'elsewhere' }),
        })
      ).status,
    ).toBe(401);
    await writeAccounts({ alice: 'changed!', bob: 'b' });
    expect(await use(on, token)).toBe(401);
    await writeAccounts({ bob: 'b' });
    expect(await use(on, token)).toBe(401);
    await writeAccounts({ alice: 'secret', bob: 'b' });
  });

  it.each([
    [{}, 'invalid_request'],
    [{ grant_type: 'password', username: 'alice' }, 'invalid_request'],
    [{ grant_type: 'password', username: 'alice', password: 'sec\0ret' }, 'invalid_request'],
    [{ grant_type: 'password', username: 'alice', password: 'x'.repeat(9000) }, 'invalid_request'],
    [{ grant_type: 'password', username: 'alice', password: 'wrong' }, 'invalid_grant'],
    [{ grant_type: 'refresh_token', refresh_token: 'junk' }, 'invalid_grant'],
    [{ grant_type: 'authorization_code', code: 'x' }, 'unsupported_grant_type'],
    [{ grant_type: 'password', username: 'alice', password: 'secret', service: 'other' }, 'invalid_request'],
    [{ grant_type: 'password', username: 'alice', password: 'secret', client_id: '' }, 'invalid_request'],
  ])('refuses %o with %s', async (fields: Record<string, string>, error) => {
    const { status, body } = await post(await replica(), fields);
    expect(body.error).toBe(error);
    expect(status).toBe(error === 'invalid_grant' ? 401 : 400);
  });

  it('refuses two proofs in one request', async () => {
    const parameters = form({ grant_type: 'password', username: 'alice', password: 'secret' });
    expect(
      (await ask(await replica(), { method: 'POST', authorization: basic('bob', 'b'), parameters })).status,
    ).toBe(400);
  });
});

describe('a token that was got with an access token', () => {
  beforeAll(() => writeAccounts({ alice: 'secret' }));

  it('ends with it', async () => {
    const on = await replica({ REGISTRY_AUTH_DATABASE: '{}' });
    const expiresAt = new Date(Date.now() + 30_000);
    const { secret } = await transact(postgres.database.db, async (tx) => {
      await addRobot(tx, { name: 'ci' });
      return addAccessToken(tx, { holder: { robot: 'ci' }, name: 'build', expiresAt });
    });
    const { status, body } = await ask(on, { authorization: basic('ci', secret), parameters: [] });
    expect(status).toBe(200);
    const { exp } = claimsOf(body.access_token);
    expect(exp * 1000).toBeLessThanOrEqual(expiresAt.getTime());
    expect(exp - Date.parse(body.issued_at) / 1000).toBe(body.expires_in);
  });
});

describe('auth-service on the bus', () => {
  beforeAll(() => writeAccounts({ alice: 'secret' }));

  it('authenticates accounts', async () => {
    const { bus } = await replica();
    expect(await bus.request(authenticate, { username: 'alice', password: 'secret' })).toEqual({
      subject: 'alice',
      identity: userNamed('alice'),
      fingerprint: expect.any(String),
    });
    expect(await bus.request(authenticate, { username: 'alice', password: 'wrong' })).toEqual({
      refused: true,
    });
  });

  it('answers 429 at the token endpoint and at the services after too many wrong passwords of one address', async () => {
    const on = await replica();
    const flood = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        ask(on, { authorization: basic('alice', `wrong ${index}`), parameters: [] }),
      ),
    );
    expect(flood.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    const refusals: unknown[] = flood.flatMap((answer) => ('reason' in answer ? [answer.reason] : []));
    const headers = { 'retry-after': expect.any(String) };
    expect(refusals).toEqual(refusals.map(() => expect.objectContaining({ status: 429, headers })));
    const login = { username: 'alice', password: 'secret' };
    await expect(on.bus.request(authenticate, { ...login, address: '192.0.2.1' })).rejects.toMatchObject({
      code: 'TOOMANYREQUESTS',
    });
    expect(await on.bus.request(authenticate, { ...login, address: '192.0.2.2' })).toEqual({
      subject: 'alice',
      identity: userNamed('alice'),
      fingerprint: expect.any(String),
    });
    expect((await ask(on, { authorization: basic('bob', 'wrong'), parameters: [] })).status).toBe(401);
  });

  it('has one signing key for replicas that start together, sealed in the database', async () => {
    const [one, two, three] = await Promise.all([replica(), replica(), replica()]);
    const keys = await storedKeys(postgres.database.db);
    expect(keys).toHaveLength(1);
    expect(Buffer.from(keys[0]?.privateKey ?? []).toString('latin1')).not.toContain('PRIVATE KEY');
    const { body } = await ask(one, { authorization: basic('alice', 'secret'), parameters: [] });
    await expect(verifierOn(two).verify(body.access_token)).resolves.toMatchObject({ subject: 'alice' });
    await expect(verifierOn(three).verify(body.access_token)).resolves.toMatchObject({ subject: 'alice' });
  });

  it('publishes public parts only, under RFC 7638 thumbprints', async () => {
    const { keys } = await (await replica()).bus.request(signingKeys, {});
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(keys[0]).toMatchObject({ alg: 'ES256', use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) });
  });

  it('keeps its key over a restart', async () => {
    const first = await replica();
    const { body } = await ask(first, { authorization: basic('alice', 'secret'), parameters: [] });
    await first.close();
    await expect(verifierOn(await replica()).verify(body.access_token)).resolves.toMatchObject({
      subject: 'alice',
    });
    expect(await storedKeys(postgres.database.db)).toHaveLength(1);
  });

  it('continues with a new key after the secret changed, and still verifies tokens of the old key', async () => {
    const { body } = await ask(await replica(), { authorization: basic('alice', 'secret'), parameters: [] });
    const changed = await replica({ REGISTRY_HTTP_SECRET: 'changed' });
    const verifier = verifierOn(changed);
    await expect(verifier.verify(body.access_token)).resolves.toMatchObject({ subject: 'alice' });
    const { body: newer } = await ask(changed, { authorization: basic('alice', 'secret'), parameters: [] });
    await expect(verifier.verify(newer.access_token)).resolves.toMatchObject({ subject: 'alice' });
    expect(
      (await storedKeys(postgres.database.db)).filter(({ retiredAt }) => retiredAt === undefined),
    ).toHaveLength(1);
  });

  it('signs with a rotated key only after it was published for a while, and ends old ones', async () => {
    const on = await replica();
    const { body } = await ask(on, { authorization: basic('alice', 'secret'), parameters: [] });
    const { db } = postgres.database;
    await db
      .updateTable('signing_keys')
      .set({ created_at: new Date(Date.now() - 90.5 * 86_400_000) })
      .execute();
    const rotating = await replica();
    const during = await ask(rotating, { authorization: basic('alice', 'secret'), parameters: [] });
    expect(await storedKeys(db)).toHaveLength(2);
    expect(kidOf(during.body.access_token)).toBe(kidOf(body.access_token));
    await db
      .updateTable('signing_keys')
      .set({ created_at: new Date(Date.now() - 92 * 86_400_000) })
      .where('kid', '=', kidOf(body.access_token))
      .execute();
    await db
      .updateTable('signing_keys')
      .set({ created_at: new Date(Date.now() - 3_600_000), signs_from: new Date(Date.now() - 3_600_000) })
      .where('kid', '!=', kidOf(body.access_token))
      .execute();
    const after = await ask(await replica(), { authorization: basic('alice', 'secret'), parameters: [] });
    expect(kidOf(after.body.access_token)).not.toBe(kidOf(body.access_token));
    expect((await storedKeys(db)).map(({ retiredAt }) => retiredAt !== undefined)).toEqual([false, true]);
  });

  it.each(['EdDSA', 'RS256'])('signs with %s if the configuration says so', async (algorithm) => {
    const earlier = await replica();
    const before = await ask(earlier, { authorization: basic('alice', 'secret'), parameters: [] });
    await earlier.close();
    const on = await replica({ REGISTRY_AUTH_TOKEN_KEYS_ALGORITHM: algorithm });
    await rotateSigningKeys(postgres.database.db, { afterSeconds: 0 });
    const other = await until(on, (token) => algorithmOf(token) === algorithm);
    const verifier = verifierOn(on);
    for (const token of [before.body.access_token, other])
      await expect(verifier.verify(token)).resolves.toMatchObject({ subject: 'alice' });
  });

  it('signs with a new key within seconds of the demand, on every replica, and retires the old one', async () => {
    const [one, two] = await Promise.all([replica(), replica()]);
    const first = await ask(one, { authorization: basic('alice', 'secret'), parameters: [] });
    const { db } = postgres.database;
    await rotateSigningKeys(db, { afterSeconds: 1 });
    const isOther = (token: string): boolean => kidOf(token) !== kidOf(first.body.access_token);
    const [a, b] = await Promise.all([until(one, isOther), until(two, isOther)]);
    expect(kidOf(a)).toBe(kidOf(b));
    await db
      .updateTable('signing_keys')
      .set({ signs_from: new Date(Date.now() - 61_000) })
      .execute();
    await expect
      .poll(async () => (await storedKeys(db)).map(({ retiredAt }) => retiredAt !== undefined), poll)
      .toEqual([false, true]);
  });

  it('signs with another key within seconds after its key was revoked', async () => {
    const on = await replica();
    const { body } = await ask(on, { authorization: basic('alice', 'secret'), parameters: [] });
    await transact(postgres.database.db, (tx) => revokeSigningKey(tx, kidOf(body.access_token)));
    await until(on, (token) => kidOf(token) !== kidOf(body.access_token));
    await expect(verifierOn(on).verify(body.access_token)).rejects.toMatchObject({ status: 401 });
  });

  it('does not start to issue tokens without a secret', async () => {
    await expect(replica({ REGISTRY_HTTP_SECRET: undefined })).rejects.toThrow(/http\.secret: is required/);
  });
});
