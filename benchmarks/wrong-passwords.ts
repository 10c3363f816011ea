/*
 * Measures the cost of a flood of wrong passwords for others: the time of other logins and of manifest GETs, on a separate standalone registry with
 * 40 accounts (bcrypt, cost 10).
 *
 *   npm run build && npx node benchmarks/wrong-passwords.ts [seconds per case, default 20] [wrong passwords per second, default 24]
 *
 * Linux only: the flood comes from another address of the loopback network. A manifest GET carries a token. A login is GET /auth/token with the right
 * password of an account that has not logged in before in this case.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@longshore/testing';
import { hashSync } from 'bcryptjs';

const seconds = Number(process.argv[2] ?? 20);
const rate = Number(process.argv[3] ?? 24);
const accountCount = 40;
const loginsPerSecond = 1;
const pullsPerSecond = 50;
const [here, elsewhere] = ['127.0.0.1', '127.0.0.9'];

const home = mkdtempSync(join(tmpdir(), 'wrong-passwords-'));
const port = await freePort();
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

interface Call {
  readonly method?: string;
  readonly path: string;
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function call({ method = 'GET', path, from = here, headers = {}, body }: Call): Promise<Answer> {
  const began = performance.now();
  const sent = request({ host: here, port, method, path, localAddress: from, headers, agent });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, body: text, milliseconds: performance.now() - began };
}

const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

const tokenPath = '/auth/token?service=longshore&scope=repository:bench/app:pull,push';
const login = (name: string, password: string, from?: string): Promise<Answer> =>
  call({ path: tokenPath, headers: basic(name, password), ...(from === undefined ? {} : { from }) });

async function start(): Promise<ChildProcess> {
  const accounts = Array.from(
    { length: accountCount },
    (_, index) => `u${index}:${hashSync(`p${index}`, 10)}`,
  );
  writeFileSync(join(home, 'htpasswd'), accounts.join('\n'));
  const environment = {
    ...process.env,
    LONGSHORE_HOME: join(home, 'home'),
    REGISTRY_HTTP_ADDR: `${here}:${port}`,
    REGISTRY_AUTH_HTPASSWD_PATH: join(home, 'htpasswd'),
    REGISTRY_AUTH_TOKEN: '{}',
    REGISTRY_LOG_LEVEL: 'warn',
    REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
  };
  const registry = spawn(process.execPath, ['apps/standalone/dist/main.js'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    registry.stdout.on('data', (said) => String(said).includes('ready after') && resolve());
    registry.once('exit', () => reject(new Error('the registry did not start')));
  });
  return registry;
}

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [],
});

/** Calls `each` at a fixed rate, whether or not earlier calls have ended, as a crowd of clients would. */
async function pace(perSecond: number, each: (index: number) => Promise<void>): Promise<void> {
  const calls: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    calls.push(each(index));
    await sleep(1000 / perSecond);
  }
  await Promise.all(calls);
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(0);
}

const tally = (answers: readonly Answer[]): string =>
  [...Map.groupBy(answers, ({ status }) => status)]
    .map(([status, { length }]) => `${length} x ${status}`)
    .join(', ');

function line(what: string, answers: readonly Answer[]): void {
  const times = answers.map(({ milliseconds }) => milliseconds);
  console.log(
    `  ${what.padEnd(14)} p50 ${percentile(times, 0.5).padStart(6)} ms  p99 ${percentile(times, 0.99).padStart(6)} ms  ${tally(answers)}`,
  );
}

async function measure(name: string, wrong: ((index: number) => Promise<Answer>) | undefined): Promise<void> {
  const registry = await start();
  try {
    const { access_token: token } = JSON.parse((await login('u0', 'p0')).body);
    const path = '/v2/bench/app/manifests/latest';
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/vnd.oci.image.index.v1+json',
    };
    const { status } = await call({ method: 'PUT', path, headers, body: manifest });
    if (status !== 201) throw new Error(`the push was answered with ${status}`);
    const [flood, logins, pulls]: Answer[][] = [[], [], []];
    await Promise.all([
      wrong === undefined ? undefined : pace(rate, async (index) => void flood?.push(await wrong(index))),
      pace(loginsPerSecond, async (index) => {
        const account = 1 + (index % (accountCount - 1));
        logins?.push(await login(`u${account}`, `p${account}`));
      }),
      pace(pullsPerSecond, async () => void pulls?.push(await call({ path, headers }))),
    ]);
    console.log(name);
    line('logins', logins ?? []);
    line('manifest GETs', pulls ?? []);
    if (wrong !== undefined) line('the flood', flood ?? []);
  } finally {
    const ended = once(registry, 'exit');
    registry.kill();
    await ended;
  }
}

try {
  await measure('no flood', undefined);
  await measure('one account, from another address', (index) => login('u0', `wrong-${index}`, elsewhere));
  await measure('one account, from the same address', (index) => login('u0', `wrong-${index}`));
  await measure('made-up names, from another address', (index) => login(`x${index}`, 'wrong', elsewhere));
} finally {
  agent.destroy();
  rmSync(home, { recursive: true, force: true });
}
