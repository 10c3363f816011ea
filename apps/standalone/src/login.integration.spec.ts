import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '@longshore/cli';
import { loadConfiguration } from '@longshore/configuration';
import { auditPage } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { startService } from '@longshore/service-kit';
import { eventually, exchange, freePort } from '@longshore/testing';
import { startProvider, TextBrowser } from '@longshore/testing/oidc';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { standaloneDefinition } from './compose-standalone.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-login-'));
const postgres = await migratedDatabase();
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const [company, other] = [
  await startProvider({ registries: [base], name: 'company' }),
  await startProvider({ registries: [base], name: 'other' }),
];

const secretFile = join(folder, 'secret');
writeFileSync(secretFile, `${company.client.secret}\n`);
const providerOf = (name: string, issuer: string) => ({
  name,
  title: `The ${name}`,
  issuer,
  clientid: company.client.id,
  clientsecretfile: secretFile,
});
const file = join(folder, 'registry.yml');
writeFileSync(
  file,
  stringify({
    version: '0.1',
    log: { level: 'error' },
    storage: { inmemory: {} },
    http: { addr: `127.0.0.1:${port}`, host: base, secret: 'secret of a test' },
    auth: {
      token: {},
      oidc: {
        refresh: '1s',
        providers: [
          { ...providerOf('company', company.issuer), allowedgroups: ['dev', 'ops'] },
          providerOf('other', other.issuer),
        ],
      },
    },
  }),
);

let close: () => Promise<unknown> = () => Promise.resolve();
beforeAll(async () => {
  const configuration = loadConfiguration({ file, environment: {} });
  const service = await startService(standaloneDefinition(postgres.url), configuration);
  close = () => service.close();
}, 60_000);
afterAll(async () => {
  await close();
  await Promise.all([company.close(), other.close(), postgres.drop()]);
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await postgres.database.db.deleteFrom('users').execute();
  for (const { people } of [company, other]) {
    people.clear();
    people.set('1', { name: 'alice', groups: ['dev', 'ops'] });
    people.set('2', { name: 'bob', groups: ['guests'] });
  }
});

async function loggedIn(sub = '1', provider = 'company'): Promise<TextBrowser> {
  const browser = new TextBrowser();
  await browser.logIn(`${base}/auth/login/${provider}`, sub);
  return browser;
}

/** Stops where the provider sends the browser back to us. */
const beforeCallback = (location: URL): boolean => !location.pathname.startsWith('/auth/callback/');

describe('login', () => {
  it('leads over the provider to the page of the person', async () => {
    const browser = new TextBrowser();
    await browser.open(`${base}/auth/login`);
    expect(browser.text).toContain('Log in with The company');
    await browser.logIn(`${base}/auth/login/company`, '1');
    expect([browser.url, browser.answer?.status]).toEqual([`${base}/auth/login`, 200]);
    expect(browser.text).toContain('You are <strong>alice</strong> (alice@a.example)');
    expect(browser.text).toContain('Your groups: dev, ops.');
  });

  it('guards its pages and its cookies', async () => {
    const browser = await loggedIn();
    expect(browser.answer?.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http/,
      ),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
    });
    const start = await exchange(base, '/auth/login/company');
    expect(start.headers['set-cookie']).toMatch(
      /^__Host-longshore-login=[\w-]+; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
    expect(browser.text).not.toContain('<script');
  });

  it('asks the provider with PKCE, state and nonce, for the fixed redirect URI', async () => {
    const { headers } = await exchange(
      base,
      '/auth/login/company?redirect_uri=https://evil.example&next=//evil.example',
      {
        headers: { host: 'evil.example' },
      },
    );
    const asked = new URL(headers['location'] ?? '').searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      redirect_uri: `${base}/auth/callback/company`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(headers['location']).not.toContain('evil');
  });

  it.each([
    ['another state', (callback: URL) => callback.searchParams.set('state', 'x'), 400],
    ['no state', (callback: URL) => callback.searchParams.delete('state'), 400],
    ['another issuer (RFC 9207)', (callback: URL) => callback.searchParams.set('iss', other.issuer), 400],
    ['no issuer', (callback: URL) => callback.searchParams.delete('iss'), 400],
    ['another code', (callback: URL) => callback.searchParams.set('code', 'x'), 400],
    ['an error', (callback: URL) => callback.searchParams.set('error', 'access_denied'), 400],
    [
      'the redirect URI of another provider (mix-up)',
      (callback: URL) => void (callback.pathname = '/auth/callback/other'),
      400,
    ],
    [
      'a parameter twice',
      (callback: URL) => callback.searchParams.append('state', callback.searchParams.get('state') ?? ''),
      400,
    ],
  ])('refuses a callback with %s, and shows nothing of it', async (_, change, status) => {
    const browser = new TextBrowser();
    const back = await browser.logIn(`${base}/auth/login/company`, '1', beforeCallback);
    const callback = new URL(back.headers['location'] ?? '');
    change(callback);
    callback.searchParams.set('error_description', '<script>canary</script>');
    const answer = await browser.ask(callback.href);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).not.toContain('canary');
    await browser.open(`${base}/auth/login`);
    expect(browser.text).toContain('Log in with');
  });

  it('refuses a callback that is replayed, or that another browser brings', async () => {
    const browser = new TextBrowser();
    const back = await browser.logIn(`${base}/auth/login/company`, '1', beforeCallback);
    const callback = back.headers['location'] ?? '';
    expect((await new TextBrowser().ask(callback)).status).toBe(400);
    const cookie = browser.cookie(new URL(base));
    const again = (): Promise<{ readonly status: number }> => {
      const { pathname, search } = new URL(callback);
      return exchange(base, pathname + search, { headers: { cookie } });
    };
    expect((await again()).status).toBe(303);
    expect((await again()).status).toBe(400);
  });

  it('names the person in the audit log, for each thing that the person does', async () => {
    const { db } = postgres.database;
    await post('/auth/device/code', {});
    // Entries are written in order: with this one, those of the tests before are there.
    await eventually(async () =>
      expect((await auditPage(db, { limit: 1 })).items).toMatchObject([{ action: '/auth/device/code' }]),
    );
    await db.deleteFrom('audit_log').execute();
    const begun = await post('/auth/device/code', {});
    const browser = await loggedIn();
    await browser.submit({ name: 'a', days: '7' });
    await browser.open(begun.verification_uri_complete);
    await browser.submit({ button: 'confirm' });
    const { refresh_token: secret } = await poll(begun.device_code);
    await post('/auth/device/revoke', { token: (await refresh(secret)).refresh_token });
    await browser.open(`${base}/auth/login`);
    await browser.submit({ button: 'here' }, (location) => location.origin === base);
    await eventually(async () => {
      const { items } = await auditPage(db, { limit: 100 });
      const entries = items.map(({ action, outcome, actor }) => `${actor} ${outcome} ${action}`);
      expect(entries.toSorted()).toEqual([
        ' done /auth/device/code',
        'alice done /auth/access-tokens',
        'alice done /auth/device',
        'alice done /auth/device/revoke',
        'alice done /auth/logout',
        'alice done login',
        'alice done login',
        'alice done login',
      ]);
    });
  });

  it('refuses a person without an allowed group', async () => {
    const browser = await loggedIn('2');
    expect(browser.answer?.status).toBe(403);
    expect(browser.text).toContain('None of your groups');
  });

  it('never gives an account to another person, of another provider either', async () => {
    await loggedIn();
    company.people.set('3', { name: 'alice', groups: ['dev'] });
    for (const browser of [await loggedIn('3'), await loggedIn('1', 'other')]) {
      expect(browser.answer?.status).toBe(403);
      expect(browser.text).toContain('Another account of this registry has this name');
    }
  });
});

describe('a person who is logged in', () => {
  it('loses a group, and then the session, as the provider says so', async () => {
    const browser = await loggedIn();
    company.people.set('1', { name: 'alice', groups: ['dev'] });
    await eventually(async () => {
      await browser.open(`${base}/auth/login`);
      expect(browser.text).toContain('Your groups: dev.');
    });
    company.people.delete('1');
    await eventually(async () => {
      await browser.open(`${base}/auth/login`);
      expect(browser.text).toContain('Log in with');
    });
  });

  it('logs out here and at the provider', async () => {
    const browser = await loggedIn();
    await browser.submit({ button: 'here' }, (location) => location.origin === base);
    expect(browser.answer?.headers['location']).toMatch(`${company.issuer}/session/end?`);
    await browser.open(`${base}/auth/login`);
    expect(browser.text).toContain('Log in with');
  });

  it('logs out everywhere', async () => {
    const [browser, second] = [await loggedIn(), await loggedIn()];
    await browser.submit({ button: 'everywhere' }, (location) => location.origin === base);
    await second.open(`${base}/auth/login`);
    expect(second.text).toContain('Log in with');
  });

  it('is logged out by the provider (back-channel)', async () => {
    const browser = await loggedIn();
    const provider = new TextBrowser();
    provider.cookies.set(
      new URL(company.issuer).host,
      browser.cookies.get(new URL(company.issuer).host) ?? new Map(),
    );
    await provider.open(`${company.issuer}/session/end`);
    await provider.submit({ logout: 'yes' });
    await eventually(async () => {
      await browser.open(`${base}/auth/login`);
      expect(browser.text).toContain('Log in with');
    });
  });

  it.each([
    ['no token', {}, {}],
    ['a wrong token', { csrf: 'x' }, {}],
    ['another origin', undefined, { origin: 'https://evil.example' }],
  ])('is not logged out by a form with %s', async (_, values, headers) => {
    const browser = await loggedIn();
    const form = browser.form('here').values;
    const cookie = browser.cookie(new URL(base));
    const answer = await exchange(base, '/auth/logout', {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ session: 'here', ...(values ?? form) }).toString(),
    });
    expect([answer.status, answer.codes]).toEqual([403, ['DENIED']]);
    await browser.open(`${base}/auth/login`);
    expect(browser.text).toContain('You are <strong>alice</strong>');
  });
});

const basic = (username: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
});
const tokenIdOf = ({ text: shown }: TextBrowser): string =>
  /name="revoke" value="([^"]+)"/.exec(shown)?.[1] ?? '';

async function statusOf(secret: string): Promise<number> {
  return (await exchange(base, '/v2/', { headers: basic('alice', secret) })).status;
}

describe('an access token from the page', () => {
  it('is shown once, with what to type, logs in, and ends when it is revoked', async () => {
    const browser = await loggedIn();
    await browser.submit({ name: 'my <laptop>', days: '7' });
    const secret = /lsp_\w+/.exec(browser.text)?.[0] ?? '';
    expect(browser.text).toContain(`docker login --username alice 127.0.0.1:${port}`);
    expect(browser.text).toContain('my &lt;laptop&gt;');
    expect(await statusOf(secret)).toBe(200);
    expect(await statusWith(await tokenFor('alice', secret))).toBe(200);
    await browser.open(`${base}/auth/login`);
    expect(browser.text).toContain('my &lt;laptop&gt;');
    expect(browser.text).not.toContain(secret);
    await browser.submit({ button: tokenIdOf(browser) });
    expect(browser.text).not.toContain('laptop');
    await eventually(async () => expect(await statusOf(secret)).toBe(401));
  });

  it('ends with the access at the provider', async () => {
    const browser = await loggedIn();
    await browser.submit({ name: 'a', days: '7' });
    const secret = /lsp_\w+/.exec(browser.text)?.[0] ?? '';
    expect(await statusOf(secret)).toBe(200);
    company.people.delete('1');
    await eventually(async () => expect(await statusOf(secret)).toBe(401), 20_000);
  });

  it('is not revoked by another person', async () => {
    const browser = await loggedIn();
    await browser.submit({ name: 'a', days: '7' });
    const secret = /lsp_\w+/.exec(browser.text)?.[0] ?? '';
    await browser.open(`${base}/auth/login`);
    const id = tokenIdOf(browser);
    const stranger = await loggedIn('2', 'other');
    const { csrf = '' } = stranger.form().values;
    await stranger.open(`${base}/auth/access-tokens`, {
      method: 'POST',
      action: '',
      values: { csrf, revoke: id },
    });
    expect(stranger.text).toContain('You are <strong>bob</strong>');
    expect(await statusOf(secret)).toBe(200);
  });

  it.each([
    { name: '', days: '7' },
    { name: 'a', days: '0' },
    { name: 'a', days: '367' },
    { name: 'a', days: 'x' },
    { name: 'a'.repeat(101), days: '7' },
  ])('is not made for $name and $days days', async (values) => {
    const browser = await loggedIn();
    await browser.submit(values);
    expect(browser.text).toContain('No token was made');
    expect(browser.text).not.toMatch(/lsp_/);
  });

  it('is not made by a form of another site', async () => {
    const browser = await loggedIn();
    await browser.submit({ csrf: 'x', name: 'a', days: '7' });
    expect(browser.answer?.status).toBe(403);
  });
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly username: string;
  readonly error?: string;
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri_complete: string;
}

async function post(path: string, form: Record<string, string>): Promise<Tokens> {
  const answer = await exchange(base, path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: 'longshore', ...form }).toString(),
  });
  return JSON.parse(answer.body.toString());
}

const grant = 'urn:ietf:params:oauth:grant-type:device_code';
const poll = (code: string): Promise<Tokens> =>
  post('/auth/device/token', { grant_type: grant, device_code: code });
const refresh = (token: string): Promise<Tokens> =>
  post('/auth/device/token', { grant_type: 'refresh_token', refresh_token: token });

/** Asks for a token as docker does, with the access secret as password. Empty if it is refused. */
async function tokenFor(username: string, secret: string): Promise<string> {
  const headers = basic(username, secret);
  const answer = await exchange(base, '/auth/token?service=longshore', { headers });
  return answer.json().token ?? '';
}

async function statusWith(token: string): Promise<number> {
  return (await exchange(base, '/v2/', { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('a terminal', () => {
  it('gets a session that the person confirms, and refreshes it until it ends', async () => {
    const begun = await post('/auth/device/code', { device: 'laptop <b>' });
    expect(await poll(begun.device_code)).toEqual({ error: 'authorization_pending' });
    const browser = new TextBrowser();
    await browser.open(begun.verification_uri_complete);
    expect(browser.text).toContain(begun.user_code);
    await browser.logIn(`${base}/auth/login/company?user_code=${begun.user_code}`, '1');
    expect(browser.text).toContain('laptop &lt;b&gt;');
    await browser.submit({ button: 'confirm' });
    expect(browser.text).toContain('Device confirmed');
    const first = await poll(begun.device_code);
    expect(first).toMatchObject({ username: 'alice', access_token: expect.stringMatching(/^lss_/) });
    expect(await poll(begun.device_code)).toEqual({ error: 'invalid_grant' });
    const second = await refresh(first.refresh_token);
    expect(second.username).toBe('alice');
    const token = await tokenFor('alice', second.access_token);
    expect(await statusWith(token)).toBe(200);
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      sub: 'alice',
      longshore: { groups: ['dev', 'ops'], claims: { email: 'alice@a.example' } },
    });
    expect(await tokenFor('bob', second.access_token)).toBe('');
    company.people.set('1', { name: 'alice', groups: ['dev'] });
    await eventually(async () => expect(await statusWith(token)).toBe(401));
    expect(await statusWith(await tokenFor('alice', second.access_token))).toBe(200);
    company.people.delete('1');
    await eventually(async () => {
      expect(await refresh(second.refresh_token)).toEqual({ error: 'invalid_grant' });
    });
  });

  it('gets no token that outlives its session', async () => {
    const begun = await post('/auth/device/code', {});
    const browser = await loggedIn();
    await browser.open(begun.verification_uri_complete);
    await browser.submit({ button: 'confirm' });
    const { access_token: secret } = await poll(begun.device_code);
    const ends = new Date(Date.now() + 30_000);
    await postgres.database.db.updateTable('sessions').set({ expires_at: ends }).execute();
    const token = await tokenFor('alice', secret);
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(exp * 1000).toBeLessThanOrEqual(ends.getTime());
  });

  it('is denied', async () => {
    const begun = await post('/auth/device/code', {});
    const browser = await loggedIn();
    await browser.open(begun.verification_uri_complete);
    await browser.submit({ button: 'deny' });
    expect(await poll(begun.device_code)).toEqual({ error: 'access_denied' });
  });
});

const environment = {
  PATH: process.env['PATH'],
  HOME: folder,
  DOCKER_CONFIG: folder,
  LONGSHORE_SESSIONS: join(folder, 'sessions.json'),
  BROWSER: '',
};
const server = `127.0.0.1:${port}`;

/** Runs docker-credential-longshore as docker does. */
async function helper(word: string, input: string): Promise<{ status: unknown; output: string }> {
  const program = join(import.meta.dirname, '../../cli/src/docker-credential-longshore.ts');
  const run = spawn(process.execPath, ['--conditions=@longshore/source', program, word], {
    env: environment,
  });
  run.stdin.end(input);
  const [output, [status]] = await Promise.all([text(run.stdout), once(run, 'exit')]);
  return { status, output };
}

/** Changes the stored session, as time does. */
function outdate(): void {
  const stored = JSON.parse(readFileSync(environment.LONGSHORE_SESSIONS, 'utf8'));
  stored[server].accessUntil = Date.now();
  writeFileSync(environment.LONGSHORE_SESSIONS, JSON.stringify(stored));
}

describe('longshore login', () => {
  it('gives docker credentials that are refreshed, until logout', async () => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { 'other.example': { auth: 'x' } } }));
    const said: string[] = [];
    const url = Promise.withResolvers<string>();
    const print = (line: string): void => {
      said.push(line);
      const found = /Open (\S+) and confirm/.exec(line)?.[1];
      if (found !== undefined) url.resolve(found);
    };
    const login = runCli(['login', server], { environment, print, complain: print });
    const browser = await loggedIn();
    await browser.open(await url.promise);
    await browser.submit({ button: 'confirm' });
    expect(await login).toBe(0);
    expect(said.at(-1)).toBe(`logged in to ${server} as alice`);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual({
      auths: { 'other.example': { auth: 'x' } },
      credHelpers: { [server]: 'longshore' },
    });
    expect(statSync(environment.LONGSHORE_SESSIONS).mode & 0o777).toBe(0o600);

    const first = await helper('get', server);
    expect(first.status).toBe(0);
    const { Username: username, Secret: secret } = JSON.parse(first.output);
    expect(await statusWith(await tokenFor(username, secret))).toBe(200);
    expect(JSON.parse((await helper('list', '')).output)).toEqual({ [server]: 'alice' });

    outdate();
    const together = await Promise.all([1, 2, 3].map(() => helper('get', `https://${server}`)));
    expect(new Set(together.map(({ output }) => JSON.parse(output).Secret)).size).toBe(1);
    expect(JSON.parse(together[0]?.output ?? '').Secret).not.toBe(secret);

    expect((await helper('get', 'other.example')).output).toBe('credentials not found in native keychain');
    expect((await helper('store', '{"ServerURL":"x"}')).status).toBe(1);

    expect(await runCli(['logout', server], { environment, print, complain: print })).toBe(0);
    expect(await tokenFor('alice', JSON.parse(together[0]?.output ?? '').Secret)).toBe('');
    expect((await helper('get', server)).status).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).credHelpers).toEqual({});
  }, 90_000);

  it('says that it was denied', async () => {
    const url = Promise.withResolvers<string>();
    const said: string[] = [];
    const print = (line: string): void => {
      said.push(line);
      url.resolve(/Open (\S+) and confirm/.exec(line)?.[1] ?? '');
    };
    const login = runCli(['login', base], { environment, print, complain: print });
    const browser = await loggedIn();
    await browser.open(await url.promise);
    await browser.submit({ button: 'deny' });
    expect([await login, said.at(-1)]).toEqual([1, 'the login was denied']);
  }, 60_000);
});
