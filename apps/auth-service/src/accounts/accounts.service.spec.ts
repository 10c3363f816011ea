import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@longshore/configuration';
import { Database } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { hashSync } from 'bcryptjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuthSettings } from '../auth-settings.ts';
import { AccountsService, type Login } from './accounts.service.ts';
import { PasswordThreads } from './password-threads.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'accounts-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const opened: AccountsService[] = [];
afterEach(() => Promise.all(opened.splice(0).map((accounts) => accounts.onApplicationShutdown())));

const address = '192.0.2.1';
const login = (username: string, password: string): Login => ({ username, password, address });
/** Makes a different wrong password each time, since a repeated one is not compared again. */
let wrong = 0;

/** The htpasswd file needs no database. */
const unreachable = new Database({ url: 'postgres://127.0.0.1:1/none' });

let files = 0;
async function accountsOf(
  lines: Record<string, string>,
  cost = 4,
): Promise<{ accounts: AccountsService; path: string }> {
  const path = join(directory, `htpasswd-${files++}`);
  await writeFile(path, linesOf(lines, cost));
  return { accounts: accountsIn(path), path };
}

const linesOf = (lines: Record<string, string>, cost = 4): string =>
  Object.entries(lines)
    .map(([name, password]) => `${name}:${hashSync(password, cost)}\n`)
    .join('');

function accountsIn(path: string, metrics = new Metrics({ service: 'test' })): AccountsService {
  const environment = { REGISTRY_STORAGE: 'inmemory', REGISTRY_AUTH_HTPASSWD_PATH: path };
  const accounts = new AccountsService(
    new AuthSettings(loadConfiguration({ environment })),
    unreachable,
    new ServiceLog(createLogger({ level: 'silent' })),
    metrics,
  );
  opened.push(accounts);
  return accounts;
}

describe('AccountsService', () => {
  it('accepts the right password, and no other', async () => {
    const { accounts } = await accountsOf({ alice: 'secret', 'bob smith': 'pä:ss' });
    expect(await accounts.authenticate(login('alice', 'secret'))).toBeDefined();
    expect(await accounts.authenticate(login('bob smith', 'pä:ss'))).toBeDefined();
    for (const [name, password] of [
      ['alice', 'wrong'],
      ['alice', ''],
      ['alice', 'secret '],
      ['Alice', 'secret'],
      ['alice ', 'secret'],
      ['alice\u00a0', 'secret'],
      ['nobody', 'secret'],
      ['', ''],
      ['__proto__', 'secret'],
      ['constructor', ''],
    ] as const) {
      expect(await accounts.authenticate({ username: name, password, address })).toBeUndefined();
    }
  });

  it('rejects everybody without a file', async () => {
    const accounts = new AccountsService(
      new AuthSettings(loadConfiguration({ environment: { REGISTRY_STORAGE: 'inmemory' } })),
      unreachable,
      new ServiceLog(createLogger({ level: 'silent' })),
      new Metrics({ service: 'test' }),
    );
    opened.push(accounts);
    expect(await accounts.authenticate(login('', ''))).toBeUndefined();
  });

  it('follows the file without a restart, rewritten or replaced', async () => {
    const { accounts, path } = await accountsOf({ alice: 'secret' });
    expect(await accounts.authenticate(login('alice', 'secret'))).toBeDefined();
    await writeFile(path, linesOf({ alice: 'changed!', bob: 'b' }));
    expect(await accounts.authenticate(login('alice', 'secret'))).toBeUndefined();
    expect(await accounts.authenticate(login('alice', 'changed!'))).toBeDefined();
    await writeFile(`${path}.new`, linesOf({ bob: 'b' }));
    await rename(`${path}.new`, path);
    expect(await accounts.authenticate(login('alice', 'changed!'))).toBeUndefined();
    expect((await accounts.current('alice'))?.fingerprint).toBeUndefined();
    expect(await accounts.authenticate(login('bob', 'b'))).toBeDefined();
  });

  it('neither admits nor refuses anybody while the file is missing', async () => {
    const { accounts, path } = await accountsOf({ alice: 'secret' });
    expect(await accounts.authenticate(login('alice', 'secret'))).toBeDefined();
    await rm(path);
    await expect(accounts.authenticate(login('alice', 'secret'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
    });
  });

  it('does not start without its file, and reports the key that names it', async () => {
    await expect(accountsIn(join(directory, 'absent')).onApplicationBootstrap()).rejects.toThrow(
      /auth\.htpasswd\.path: names a file that cannot be read/,
    );
  });

  // Compares the ratio of two times: another process may delay one of them.
  it('takes as long for an unknown name as for a wrong password', { retry: 5 }, async () => {
    const { accounts } = await accountsOf({ alice: 'secret' }, 8);
    await accounts.authenticate(login('alice', 'warm-up'));
    const median = async (name: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 15; round++) {
        const began = performance.now();
        await accounts.authenticate({
          username: name,
          password: `wrong-${wrong++}`,
          address: `192.0.2.${wrong}`,
        });
        times.push(performance.now() - began);
      }
      return times.toSorted((a, b) => a - b)[7] ?? 0;
    };
    const [known, unknown] = [await median('alice'), await median('nobody')];
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it('does not block the event loop while it compares passwords', async () => {
    const { accounts } = await accountsOf({ alice: 'secret' }, 10);
    let longest = 0;
    let last = performance.now();
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await accounts.authenticate(login('alice', 'warm-up'));
    longest = 0;
    last = performance.now();
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 6 }, () => accounts.authenticate(login('alice', `wrong-${wrong++}`))),
    );
    const whole = performance.now() - began;
    clearInterval(ticks);
    expect(longest).toBeLessThan(whole / 2);
  });

  it('stops comparing passwords of one account from one address after ten wrong ones, and of no others', async () => {
    const { accounts } = await accountsOf({ alice: 'secret', bob: 'b' });
    const flood = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => accounts.authenticate(login('alice', `wrong ${index}`))),
    );
    expect(flood.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    // Rejects even the right password; otherwise a correct guess would be recognised.
    await expect(accounts.authenticate(login('alice', 'secret'))).rejects.toMatchObject({ status: 429 });
    expect(await accounts.authenticate(login('bob', 'b'))).toBeDefined();
    expect(await accounts.authenticate({ ...login('alice', 'secret'), address: '192.0.2.2' })).toBeDefined();
  });

  it('does not count a wrong password that a client repeats', async () => {
    const { accounts, path } = await accountsOf({ alice: 'secret' });
    for (let round = 0; round < 40; round++)
      for (const name of ['alice', 'nobody'])
        expect(await accounts.authenticate(login(name, 'outdated'))).toBeUndefined();
    expect(await accounts.authenticate(login('alice', 'secret'))).toBeDefined();
    await writeFile(path, linesOf({ alice: 'outdated' }));
    expect(await accounts.authenticate(login('alice', 'outdated'))).toBeDefined();
    expect(await accounts.authenticate(login('alice', 'secret'))).toBeUndefined();
  });

  it('counts logins by their outcome', async () => {
    const { path } = await accountsOf({ alice: 'secret' });
    const metrics = new Metrics({ service: 'test' });
    const accounts = accountsIn(path, metrics);
    await accounts.authenticate(login('alice', 'secret'));
    for (let round = 0; round < 10; round++) await accounts.authenticate(login('alice', `guess ${round}`));
    await expect(accounts.authenticate(login('alice', 'secret'))).rejects.toMatchObject({ status: 429 });
    const text = await metrics.registry.metrics();
    expect(text.match(/^longshore_logins_total.*/gm)?.toSorted()).toEqual([
      'longshore_logins_total{outcome="refused",service="test"} 1',
      'longshore_logins_total{outcome="right",service="test"} 1',
      'longshore_logins_total{outcome="wrong",service="test"} 10',
    ]);
  });

  it('changes the fingerprint only with the password', async () => {
    const { accounts, path } = await accountsOf({ alice: 'secret' });
    const before = (await accounts.current('alice'))?.fingerprint;
    expect(before).toMatch(/^[\w-]{43}$/);
    expect((await accounts.current('alice'))?.fingerprint).toBe(before);
    await writeFile(path, linesOf({ alice: 'changed!' }));
    expect((await accounts.current('alice'))?.fingerprint).not.toBe(before);
  });
});

const question = (flow: string, password = 'secret') => ({
  password,
  work: { hash: hashSync('secret', 8), padding: [] },
  standing: 'stranger' as const,
  flows: [flow],
});

describe('PasswordThreads', () => {
  it('drops the last item of the largest flow when its queue is full, and serves the others', async () => {
    const threads = new PasswordThreads({ threads: 1, queue: 3 });
    const crowd = Array.from({ length: 10 }, () => threads.compare(question('crowd')));
    const single = threads.compare(question('single'));
    const answers = await Promise.allSettled([...crowd, single]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(answers.at(-1)).toMatchObject({ status: 'fulfilled', value: { matches: true } });
    const refusals: unknown[] = answers.flatMap((answer) => ('reason' in answer ? [answer.reason] : []));
    expect(refusals).toEqual(
      refusals.map(() => expect.objectContaining({ code: 'UNAVAILABLE', status: 503 })),
    );
    await threads.close();
    await expect(threads.compare(question('late'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('looks again when a check has its turn, and goes on with the next', async () => {
    const threads = new PasswordThreads({ threads: 1 });
    const gone = new Error('no longer');
    const check = (): never => {
      throw gone;
    };
    const answers = await Promise.allSettled([
      threads.compare(question('a')),
      threads.compare({ ...question('b'), check }),
      threads.compare(question('c')),
    ]);
    expect(answers.map((answer) => ('reason' in answer ? answer.reason : answer.value.matches))).toEqual([
      true,
      gone,
      true,
    ]);
    await threads.close();
  });

  it('lets strangers wait who have used up the time of all strangers, and nobody else', async () => {
    let now = 1_000_000;
    const threads = new PasswordThreads({ threads: 1, burst: 500, now: () => now });
    const work = { hash: hashSync('secret', 10), padding: [] };
    const compare = (standing: 'stranger' | 'known') =>
      threads.compare({ password: 'wrong', work, standing, flows: [standing] });
    for (let used = 0; used < 500;) used += (await compare('stranger')).worked;
    const order: string[] = [];
    const stranger = compare('stranger').then(() => order.push('stranger'));
    await compare('known').then(() => order.push('known'));
    now += 60_000;
    await stranger;
    expect(order).toEqual(['known', 'stranger']);
    await threads.close();
  }, 60_000);

  it('rejects all waiting checks when it closes', async () => {
    const threads = new PasswordThreads({ threads: 1 });
    const waiting = Promise.allSettled([threads.compare(question('a')), threads.compare(question('b'))]);
    await threads.close();
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
