import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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

/** A fake npm: slowly installs what the lock has and the options do not omit, beside the programs of a start. Removes what is omitted, as npm does. */
const npm = `#!/usr/bin/env node
const fs = require('node:fs');
const note = (text) => fs.appendFileSync(process.env.CALLS, text + '\\n');
const words = process.argv.slice(2).filter((word) => !/^--(no-audit|no-fund|loglevel|progress)/.test(word));
note('begin ' + process.pid + ' ' + words.join(' '));
if (process.env.NPM_FAILS) process.exit(7);
setTimeout(() => {
  const put = (path, text) => {
    fs.mkdirSync(require('node:path').dirname(path), { recursive: true });
    fs.rmSync(path, { force: true });
    fs.writeFileSync(path, text, { mode: 0o755 });
  };
  const named = words.filter((word) => word.includes('@')).map((word) => word.slice(0, word.lastIndexOf('@')));
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  for (const [path, { dev, peer }] of Object.entries(packages)) {
    if (!path.startsWith('node_modules/')) continue;
    const isOmitted = (dev && words.includes('--omit=dev')) || (peer && words.includes('--omit=peer'));
    if (isOmitted && !named.includes(path.slice('node_modules/'.length))) fs.rmSync(path, { recursive: true, force: true });
    else put(path + '/package.json', '{"exports":"./index.js"}'), put(path + '/index.js', '');
  }
  if (fs.existsSync('node_modules/node'))
    put('node_modules/node/bin/node', '#!/bin/sh\\nBUNDLED=yes exec ' + process.execPath + ' "$@"\\n');
  const built = ['apps/standalone/dist', 'libs/below/dist'];
  put('node_modules/@typescript/native/bin/tsc', \`for (const folder of \${JSON.stringify(built)}) {
    require('node:fs').mkdirSync(folder, { recursive: true });
    require('node:fs').writeFileSync(folder + '/.tsbuildinfo', '');
  }\`);
  note('end');
}, Number(process.env.NPM_MS ?? 300));
`;

/** Two packages of every start, one of tests, two that only some configurations need, and Node. */
const packages = {
  '': {},
  'apps/standalone': { peerDependencies: { node: process.versions.node } },
  'libs/storage-far': { peerDependencies: { '@far/sdk': '^1.0.0', '@far/signer': '^2.0.0' } },
  'libs/testing': { peerDependencies: { '@far/sdk': '*' } },
  'node_modules/one': { dependencies: { below: '^1.0.0' } },
  'node_modules/one/node_modules/below': {},
  'node_modules/two': { dev: true },
  'node_modules/@far/sdk': { peer: true, version: '1.2.3' },
  'node_modules/@far/signer': { peer: true, version: '2.3.4' },
  'node_modules/node': { peer: true, version: process.versions.node },
};

/** Says where it runs; then does what standalone does when it cannot load a package that its configuration names. */
const programme = `
console.log('made', process.env['INIT_CWD'], process.env['BUNDLED'] ?? "the host's");
const needed = (process.env['NEEDED'] ?? '').split(' ').filter(Boolean);
for (const name of needed) {
  await import(name).catch((error) => {
    console.log('lacks', name, error.code);
    process.send({ missingPackage: name }, () => process.exit(1));
    return new Promise(() => {});
  });
}
console.log('runs');
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
  writeFileSync(join(clone, 'tools/secrets/main.ts'), programme);
  writeFileSync(join(clone, 'tools/check.ts'), "console.log('checked')");
  writeLock(packages);
  mkdirSync(join(clone, 'bin'));
  writeFileSync(join(clone, 'bin/npm'), npm);
  chmodSync(join(clone, 'bin/npm'), 0o755);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(clone, { recursive: true, force: true });
});

function writeLock(content: Readonly<Record<string, unknown>>): void {
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages: content }));
}

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

const omitting = 'ci --omit=dev --omit=peer';
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
    expect(words()).toEqual([`begin ${omitting}`, 'end']);
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
    rmSync(join(clone, 'node_modules/one/node_modules/below'), { recursive: true });
    await outcome(launch('secrets'));
    expect(words()).toEqual([`begin ${omitting}`, 'end', `begin ${omitting}`, 'end']);
  });

  it('runs on the Node of the host if that is new enough, and otherwise installs the pinned one with the rest', async () => {
    expect((await outcome(launch('secrets'))).output).toContain("the host's");
    const pinned = '99.1.0';
    writeLock({ ...packages, 'node_modules/node': { peer: true, version: pinned } });
    expect((await outcome(launch('secrets'))).output).toContain('yes');
    expect(words().slice(2)).toEqual([
      `begin install --no-save --omit=dev --omit=peer node@${pinned}`,
      'end',
    ]);
    await outcome(launch('secrets'));
    expect(noted()).toHaveLength(4);
  });

  it('installs the packages that a configuration needs when it needs them, all of their project, and keeps them', async () => {
    await outcome(launch('secrets'));
    const { code, output } = await outcome(
      launch('secrets', { environment: { NEEDED: '@far/sdk @far/signer' } }),
    );
    expect(output).toContain('installing 2 packages (@far/sdk, @far/signer)');
    expect([code, output.trim().split('\n').at(-1)]).toEqual([0, 'runs']);
    const adding = 'begin install --no-save --omit=dev --omit=peer @far/sdk@1.2.3 @far/signer@2.3.4';
    expect(words().slice(2)).toEqual([adding, 'end']);
    await outcome(launch('secrets'));
    await outcome(launch('secrets', { environment: { NEEDED: '@far/signer' } }));
    expect(noted()).toHaveLength(4);
  });

  it('says why when it cannot install what a configuration needs', async () => {
    await outcome(launch('secrets'));
    const environment = { NEEDED: '@far/sdk', NPM_FAILS: 'yes' };
    const { code, output } = await outcome(launch('secrets', { environment }));
    expect(output).toMatch(
      /lacks @far\/sdk ERR_MODULE_NOT_FOUND\n.*\n*longshore: npm install .* failed \(exit code 7\)/s,
    );
    expect(code).toBe(1);
    const unknown = await outcome(launch('secrets', { environment: { NEEDED: '@nobody/knows' } }));
    expect(unknown.output).toContain('longshore: @nobody/knows is no package of the registry');
    expect(unknown.code).toBe(1);
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
    expect(words()).toEqual([`begin ${omitting}`, 'end']);
  });

  // The first process of a clone runs on the host's Node, and one that starts while it installs may already find the pinned one.
  it.runIf(process.platform === 'linux')('holds a lock that every version of Node sees', async () => {
    await installing(launch('secrets', { environment: { NPM_MS: '60000' } }));
    const id = createHash('sha256').update(clone).digest('hex').slice(0, 24);
    const lock = readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .find((line) => line.includes(id));
    expect(lock?.split(' ').at(-1)).toHaveLength(108);
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
