import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolicyRights } from '@longshore/authorization';
import { type Configuration, loadConfiguration } from '@longshore/configuration';
import { authServiceOver, type Bus, createBus, issueToken } from '@longshore/messaging';
import { natsServerIsMissing, startNatsServer, type TestNatsServer } from '@longshore/messaging/testing';
import { voidCredentials } from '@longshore/metadata';
import { migratedDatabase, type MigratedDatabase } from '@longshore/metadata/testing';
import { matchRoute, OciError } from '@longshore/oci';
import {
  AccessControl,
  type ClientFacts,
  createAuthenticator,
  type ServiceContext,
} from '@longshore/service-kit';
import type { INestMicroservice } from '@nestjs/common';
import { hashSync } from 'bcryptjs';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contextOf, startAuthService } from '../testing/start-auth-service.ts';

let postgres: MigratedDatabase;
let nats: TestNatsServer;
let folder = '';
let auth: INestMicroservice;
let doors: readonly Door[] = [];

interface Door {
  readonly control: AccessControl;
  readonly context: ServiceContext;
  readonly bus: Bus;
  /** The logins that the door has asked auth-service about. */
  readonly asked: readonly string[];
}

const client: ClientFacts = {
  requestId: 'request-1',
  address: '192.0.2.1',
  host: 'a.example',
  scheme: 'https',
  userAgent: '',
  baseUrl: 'https://a.example',
  locationBase: '',
};

function configuration(): Configuration {
  return loadConfiguration({
    environment: {
      REGISTRY_STORAGE: 'inmemory',
      REGISTRY_AUTH_HTPASSWD_PATH: join(folder, 'htpasswd'),
      REGISTRY_AUTH_TOKEN: '{}',
      REGISTRY_HTTP_SECRET: 'shared',
      REGISTRY_SERVICES_SECRET: 'between the services, thirty-two characters',
      REGISTRY_NATS_SERVERS: JSON.stringify([nats.url]),
    },
  });
}

async function startAuth(): Promise<INestMicroservice> {
  const context = contextOf('auth-service', configuration());
  return startAuthService(context, { bus: createBus(context), database: postgres.database });
}

async function openDoor(service: string): Promise<Door> {
  const context = contextOf(service, configuration());
  const bus = createBus(context);
  await bus.start();
  const over = authServiceOver(bus);
  const asked: string[] = [];
  const rights = new PolicyRights();
  const asking = {
    ...over,
    authenticate: (login: Parameters<typeof over.authenticate>[0]) => {
      asked.push(login.username);
      return over.authenticate(login);
    },
  };
  const authenticator = createAuthenticator(context, asking, rights);
  return { context, bus, asked, control: new AccessControl(authenticator, rights) };
}

const hashes = new Map(['secret', 'changed'].map((password) => [password, hashSync(password, 4)]));
const writeAccounts = async (accounts: Record<string, string>): Promise<void> => {
  const lines = Object.entries(accounts).map(([name, password]) => `${name}:${hashes.get(password)}\n`);
  await writeFile(join(folder, 'new'), lines.join(''));
  await rename(join(folder, 'new'), join(folder, 'htpasswd'));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-'));
  [postgres, nats] = await Promise.all([migratedDatabase(), startNatsServer()]);
  await writeAccounts({ ann: 'secret', bob: 'secret' });
  auth = await startAuth();
  doors = await Promise.all(['api-gateway', 'api-gateway', 'blob-service'].map(openDoor));
});
afterAll(async () => {
  for (const { context, bus } of doors) {
    await context.lifecycle.onApplicationShutdown();
    await bus.close();
  }
  await auth.close();
  await Promise.all([postgres.drop(), nats.dispose(), rm(folder, { recursive: true })]);
});
beforeEach(async () => {
  await writeAccounts({ ann: 'secret', bob: 'secret' });
  await untilAdmitted(basic('ann', 'secret'));
  await untilAdmitted(basic('bob', 'secret'));
});

const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

function busOf([first]: readonly Door[]): Bus {
  if (first === undefined) throw new Error('no door is open');
  return first.bus;
}

async function tokenFor(name: string, scope: string): Promise<string> {
  const { body } = await busOf(doors).request(issueToken, {
    method: 'GET',
    authorization: basic(name, 'secret'),
    parameters: [['scope', scope]],
    address: '192.0.2.1',
  });
  const { access_token: token }: { access_token: string } = JSON.parse(body);
  return `Bearer ${token}`;
}

/** Returns the refusal of each door; empty for one that admits. */
const refusals = (authorization: string, repository = 'team/app'): Promise<string[]> =>
  Promise.all(
    doors.map(async ({ control }) => {
      const request = new IncomingMessage(new Socket());
      request.headers = { authorization };
      try {
        await control.admit(matchRoute('GET', `/v2/${repository}/manifests/latest`), request, client);
        return '';
      } catch (error) {
        if (!(error instanceof OciError)) throw error;
        return `${error.status} ${/error="([^"]+)"/.exec(error.headers['www-authenticate'] ?? '')?.[1] ?? ''}`;
      }
    }),
  );

/** Milliseconds until every door refuses. */
const untilRefused = (authorization: string, repository?: string): Promise<number> =>
  until(async () => (await refusals(authorization, repository)).every((refusal) => refusal !== ''));
const untilAdmitted = (authorization: string): Promise<number> =>
  until(async () => (await refusals(authorization)).every((refusal) => refusal === ''));

async function until(isSo: () => Promise<boolean>): Promise<number> {
  const since = performance.now();
  while (performance.now() - since < 20_000) {
    if (await isSo()) return performance.now() - since;
    await sleep(20);
  }
  throw new Error('the doors did not agree within 20 s');
}

const open = ['', '', ''];
const revoked = ['401 invalid_token', '401 invalid_token', '401 invalid_token'];

describe.skipIf(natsServerIsMissing())('two gateways and a blob-service over NATS', () => {
  it('refuse a changed password and its tokens within a second, although they remember it', async () => {
    const [password, token] = [basic('ann', 'secret'), await tokenFor('ann', 'repository:team/app:pull')];
    const other = basic('bob', 'secret');
    expect([await refusals(password), await refusals(token), await refusals(other)]).toEqual([
      open,
      open,
      open,
    ]);
    const asked = doors.map((door) => door.asked.length);
    for (let turn = 0; turn < 50; turn += 1) await refusals(password);
    expect(doors.map((door) => door.asked.length)).toEqual(asked);
    await writeAccounts({ ann: 'changed', bob: 'secret' });
    const took = await Promise.all([untilRefused(password), untilRefused(token)]);
    // Within a second on an idle machine: a look at the file (0.1 s) and a question of the door (0.5 s).
    expect(Math.max(...took)).toBeLessThan(5000);
    expect(await refusals(token)).toEqual(revoked);
    expect([await refusals(basic('ann', 'changed')), await refusals(other)]).toEqual([open, open]);
    expect(await refusals(basic('ann', 'changed'))).toEqual(open);
  });

  it('refuse a removed account, and admit it when it is back with its password', async () => {
    const password = basic('bob', 'secret');
    const token = await tokenFor('bob', 'repository:team/app:pull');
    expect(await refusals(token)).toEqual(open);
    await writeAccounts({ ann: 'secret' });
    await Promise.all([untilRefused(password), untilRefused(token)]);
    await writeAccounts({ ann: 'secret', bob: 'secret' });
    await untilAdmitted(password);
    await untilAdmitted(token);
  });

  it.each([
    ['the user', { kind: 'user', name: 'ann' }],
    ['the repository', { kind: 'repository', name: 'team/gone' }],
  ] as const)('refuse a token when %s is marked, and admit a newer one at once', async (_, mark) => {
    const token = await tokenFor('ann', 'repository:team/gone:pull');
    expect(await refusals(token, 'team/gone')).toEqual(open);
    await voidCredentials(postgres.database.db, mark);
    const newer = await tokenFor('ann', 'repository:team/gone:pull');
    expect(await untilRefused(token, 'team/gone')).toBeLessThan(5000);
    expect(await refusals(token, 'team/gone')).toEqual(revoked);
    expect(await refusals(newer, 'team/gone')).toEqual(open);
  });

  it('admit a user when a robot of the same name is marked', async () => {
    const [ann, bob] = [
      await tokenFor('ann', 'repository:team/app:pull'),
      await tokenFor('bob', 'repository:team/app:pull'),
    ];
    await voidCredentials(
      postgres.database.db,
      { kind: 'robot', name: 'ann' },
      { kind: 'user', name: 'bob' },
    );
    await untilRefused(bob);
    expect(await refusals(ann)).toEqual(open);
  });

  it('follow a rule that is added to the database, and its removal, also for tokens', async () => {
    const token = await tokenFor('ann', 'repository:team/app:pull');
    const password = basic('ann', 'secret');
    expect([await refusals(token), await refusals(password)]).toEqual([open, open]);
    const { db } = postgres.database;
    await sql`insert into access_rules (name, effect, subjects, actions, repositories, condition, created_by)
      values ('no', 'deny', '{user:ann}', '{pull}', '{team/**}', 'repository != "team/other"', 'test')`.execute(
      db,
    );
    expect(await untilRefused(token)).toBeLessThan(5000);
    expect(await untilRefused(password)).toBeLessThan(5000);
    expect(await refusals(password, 'team/other')).toEqual(open);
    const denied = await tokenFor('ann', 'repository:team/app:pull');
    await sql`delete from access_rules`.execute(db);
    await untilAdmitted(token);
    // It was issued while the rule was in force, without the scope.
    expect(await refusals(denied)).not.toEqual(open);
  });

  it('show how old their knowledge is', async () => {
    for (const { context } of doors)
      expect(await context.metrics.registry.metrics()).toMatch(
        /^longshore_access_age_seconds\{.*\} [0-9.]+$/m,
      );
  });

  it('keep what they know while auth-service is away', async () => {
    const token = await tokenFor('bob', 'repository:team/app:pull');
    const revokedToken = await tokenFor('ann', 'repository:team/app:pull');
    expect(await refusals(revokedToken)).toEqual(open);
    await voidCredentials(postgres.database.db, { kind: 'user', name: 'ann' });
    await untilRefused(revokedToken);
    expect(await refusals(token)).toEqual(open);
    await auth.close();
    await sleep(1200);
    expect([await refusals(token), await refusals(revokedToken)]).toEqual([open, revoked]);
    const [first] = doors;
    const age = await first?.context.metrics.registry.getSingleMetric('longshore_access_age_seconds')?.get();
    expect(age?.values[0]?.value).toBeGreaterThan(1);
    auth = await startAuth();
  });
});

interface TokenBody {
  readonly access_token: string;
  readonly refresh_token?: string;
}

/** Asks the token endpoint with a form, as docker does after its login. */
async function post(fields: Record<string, string>): Promise<{ status: number; body: TokenBody }> {
  const form = { service: 'longshore', client_id: 'docker', ...fields };
  const parameters = Object.entries(form);
  const { status, body } = await busOf(doors).request(issueToken, {
    method: 'POST',
    parameters,
    address: '192.0.2.1',
  });
  const parsed: TokenBody = JSON.parse(body);
  return { status, body: parsed };
}
const login = (more: Record<string, string> = {}) =>
  post({ grant_type: 'password', username: 'ann', password: 'secret', access_type: 'offline', ...more });
const refresh = (token: string | undefined, more: Record<string, string> = {}) =>
  post({
    grant_type: 'refresh_token',
    refresh_token: token ?? '',
    scope: 'repository:team/app:pull',
    ...more,
  });

describe.skipIf(natsServerIsMissing())('refresh tokens', () => {
  it('never rotate for docker, which keeps its first token and sends it from several processes', async () => {
    const { refresh_token: kept } = (await login()).body;
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(kept)));
    expect(answers.map(({ status, body }) => [status, body.refresh_token])).toEqual(
      answers.map(() => [200, undefined]),
    );
    expect((await refresh(kept, { access_type: 'offline' })).body.refresh_token).toBe(kept);
  });

  it('rotate for a client that asks for it; an old one that comes again ends the login at every door', async () => {
    const first = (await login({ rotation: 'true' })).body.refresh_token;
    const [one, two] = await Promise.all([refresh(first), refresh(first)]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect([first, undefined]).not.toContain(one.body.refresh_token);
    const third = await refresh(two.body.refresh_token);
    const token = `Bearer ${third.body.access_token}`;
    expect(await refusals(token)).toEqual(open);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(third.body.refresh_token)).status).toBe(401);
    await untilRefused(token);
    expect(await refusals(token)).toEqual(revoked);
  });
});
