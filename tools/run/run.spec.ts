import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isAlive } from '@longshore/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const tools = join(import.meta.dirname, '..');
const started: ChildProcess[] = [];
let clone: string;
let calls: string;

/** A fake npm: slowly installs two packages, one of them for tests only, and the programs of a start. */
const npm = `#!/usr/bin/env node
const fs = require('node:fs');
const note = (text) => fs.appendFileSync(process.env.CALLS, text + '\\n');
note('begin ' + process.pid + ' ' + process.argv.slice(2, 4).join(' '));
setTimeout(() => {
  const put = (path, text) => {
    fs.mkdirSync(require('node:path').dirname(path), { recursive: true });
    fs.rmSync(path, { force: true });
    fs.writeFileSync(path, text, { mode: 0o755 });
  };
  put('node_modules/one/package.json', '{}');
  put('node_modules/two/package.json', '{}');
  put('node_modules/node/bin/node', '#!/bin/sh\\nexec ' + process.execPath + ' "$@"\\n');
  put('node_modules/.bin/tsc', '#!/bin/sh\\nmkdir -p apps/standalone/dist libs/below/dist; echo 1 | tee apps/standalone/dist/.tsbuildinfo >libs/below/dist/.tsbuildinfo\\n');
  if (process.argv.includes('--omit=dev')) fs.rmSync('node_modules/two', { recursive: true });
  note('end');
}, Number(process.env.NPM_MS ?? 300));
`;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'run-'));
  calls = join(clone, 'calls');
  mkdirSync(join(clone, 'tools'));
  cpSync(join(tools, 'run.mjs'), join(clone, 'tools/run.mjs'));
  cpSync(join(tools, 'run'), join(clone, 'tools/run'), { recursive: true });
  mkdirSync(join(clone, 'apps/standalone/src'), { recursive: true });
  mkdirSync(join(clone, 'tools/secrets'));
  mkdirSync(join(clone, 'libs/below/src'), { recursive: true });
  const references = {
    'tsconfig.json': ['apps/standalone'],
    'apps/standalone/tsconfig.json': ['../../libs/below'],
    'tsconfig.base.json': [],
    'libs/below/tsconfig.json': [],
  };
  for (const [path, paths] of Object.entries(references))
    writeFileSync(
      join(clone, path),
      JSON.stringify({ references: paths.map((reference) => ({ path: reference })) }),
    );
  writeFileSync(join(clone, 'tools/secrets/main.ts'), "console.log('made', process.env['INIT_CWD'])");
  writeFileSync(join(clone, 'tools/check.ts'), "console.log('checked')");
  const packages = { '': {}, 'node_modules/one': {}, 'node_modules/two': { dev: true } };
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages }));
  mkdirSync(join(clone, 'bin'));
  writeFileSync(join(clone, 'bin/npm'), npm);
  chmodSync(join(clone, 'bin/npm'), 0o755);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(clone, { recursive: true, force: true });
});

function launch(
  command: string,
  { environment = {}, node = [] }: { environment?: Record<string, string>; node?: string[] } = {},
): ChildProcess {
  const child = spawn(process.execPath, [...node, join(clone, 'tools/run.mjs'), command], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${join(clone, 'bin')}:${process.env['PATH']}`,
      CALLS: calls,
      ...environment,
    },
  });
  started.push(child);
  return child;
}

async function outcome(child: ChildProcess): Promise<{ code: unknown; output: string }> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the output is piped');
  const output = Promise.all([text(stdout), text(stderr)]);
  const [code] = await once(child, 'exit');
  return { code, output: (await output).join('') };
}

const npmSays = (script: string) => ({ npm_lifecycle_event: script, INIT_CWD: '/home/user' });
const noted = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
const words = (): string[] => noted().map((line) => line.replace(/ \d+ /, ' '));

async function installing(child: ChildProcess): Promise<number> {
  await expect.poll(noted, { timeout: 100_000 }).toHaveLength(1);
  expect(child.exitCode).toBeNull();
  return Number(noted()[0]?.split(' ')[1]);
}

/** Tells whether a script built before it ran. */
const built = async (): Promise<boolean> => (await outcome(launch('secrets'))).output.includes('building');

// Each test starts several processes, which takes long on a busy machine.
describe('an npm script', { timeout: 240_000 }, () => {
  it('installs the packages of a start, then the rest for tests, and nothing twice', async () => {
    expect((await outcome(launch('secrets'))).output).toContain('made');
    expect(words()).toEqual(['begin ci --omit=dev', 'end']);
    await outcome(launch('secrets'));
    expect(noted()).toHaveLength(2);
    expect((await outcome(launch('check'))).output).toContain('checked');
    expect(words().slice(2)).toEqual(['begin install --no-save', 'end']);
    await outcome(launch('secrets'));
    await outcome(launch('check'));
    expect(noted()).toHaveLength(4);
  });

  it('notices that node_modules is partly deleted', async () => {
    await outcome(launch('secrets'));
    rmSync(join(clone, 'node_modules/one'), { recursive: true });
    await outcome(launch('secrets'));
    expect(words()).toEqual(['begin ci --omit=dev', 'end', 'begin ci --omit=dev', 'end']);
  });

  it('builds again after a change in a project that only another project refers to', async () => {
    expect([await built(), await built()]).toEqual([true, false]);
    writeFileSync(join(clone, 'libs/below/src/index.ts'), 'export {};\n');
    expect([await built(), await built()]).toEqual([true, false]);
  });

  it('waits while another process installs', async () => {
    const first = launch('secrets', { environment: { NPM_MS: '2000' } });
    await installing(first);
    const [one, other] = await Promise.all([outcome(first), outcome(launch('secrets'))]);
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(other.output).toContain(`waiting for process ${first.pid}`);
    expect(words()).toEqual(['begin ci --omit=dev', 'end']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'takes its npm along when it ends by %s',
    async (signal) => {
      const child = launch('secrets', { environment: { NPM_MS: '60000' } });
      const pid = await installing(child);
      child.kill(signal);
      await once(child, 'exit');
      await expect.poll(() => isAlive(pid), { timeout: 100_000 }).toBe(false);
      expect((await outcome(launch('secrets'))).code).toBe(0);
    },
  );

  it('reports what an old Node lacks', async () => {
    const old = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '18.20.4' })";
    const { code, output } = await outcome(launch('secrets', { node: ['--import', old] }));
    expect(code).toBe(1);
    expect(output.trim()).toBe(
      'longshore: this is Node 18.20.4. Install Node 20 or later (https://nodejs.org), then start again.',
    );
  });

  it('tells its programme where the user stands: what npm says of this very script', async () => {
    expect((await outcome(launch('secrets', { environment: npmSays('secrets') }))).output).toContain(
      'made /home/user',
    );
    expect((await outcome(launch('secrets', { environment: npmSays('other') }))).output).toContain(
      `made ${clone}`,
    );
  });
});
