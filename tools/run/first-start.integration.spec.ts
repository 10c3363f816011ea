import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** Most megabytes of the first start, where the host's Node is new enough: 169 were measured. It needs a reason to grow. */
const bound = 174;
/** Most megabytes of the Node that is installed beside them where it is not. */
const nodeBound = 130;

interface Entry {
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
}
type Packages = Readonly<Record<string, Entry>>;

const { packages }: { readonly packages: Packages } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
);
let home = '';
let registry: ChildProcess | undefined;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'first-start-'));
});
afterAll(() => {
  registry?.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

/** Returns the folders that `npm start` installs, those for this system included. */
async function installed(): Promise<string[]> {
  const { foldersOf }: { foldersOf: (lock: Packages, set: string, named: string[]) => string[] } =
    await import(join(root, 'tools/run/packages.mjs'));
  const ofThisSystem = Object.entries(packages).filter(
    ([path, { optional, dev, devOptional, peer }]) =>
      path.includes('node_modules/') && optional && !dev && !devOptional && !peer && isThere(path),
  );
  return [...foldersOf(packages, 'running', []), ...ofThisSystem.map(([path]) => path)];
}

function isThere(path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}

/** Returns the megabytes on the disk, as du counts them, without packages in the folder's own node_modules. */
function megabytes(folders: readonly string[]): number {
  const blocks = (path: string): number => {
    const stat = lstatSync(path);
    const inside = stat.isDirectory() ? readdirSync(path).filter((name) => name !== 'node_modules') : [];
    return inside.reduce((sum, name) => sum + blocks(join(path, name)), stat.blocks);
  };
  return folders.reduce((sum, folder) => sum + blocks(join(root, folder)), 0) / 2048;
}

/** Notes each package's folder from which Node loads a file, by `import` or `require`. */
const recorder = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const folders = new Set();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const folder = /^file:\\/\\/(.*\\/node_modules\\/(?:@[^/]+\\/)?[^/]+)\\//.exec(found.url);
    if (folder !== null) folders.add(folder[1]);
    return found;
  },
});
process.on('exit', () => writeFileSync(process.env.LOADED, JSON.stringify([...folders])));
`;

describe('the packages that the first start installs', () => {
  it(`take at most ${bound} MB, and the Node of an older host ${nodeBound} MB besides`, async () => {
    const folders = await installed();
    expect(folders.length).toBeGreaterThan(100);
    expect(megabytes(folders)).toBeLessThan(bound);
    // Without its nested node_modules, whose headers are removed.
    expect(megabytes(['node_modules/node'])).toBeGreaterThan(50);
    expect(megabytes(['node_modules/node'])).toBeLessThan(nodeBound);
  });

  it('are all that a registry loads until it is ready and while it ends', { timeout: 240_000 }, async () => {
    const loaded = join(home, 'loaded.json');
    writeFileSync(join(home, 'recorder.mjs'), recorder);
    registry = spawn(
      process.execPath,
      ['--import', join(home, 'recorder.mjs'), join(root, 'apps/standalone/dist/main.js')],
      {
        env: {
          ...process.env,
          LOADED: loaded,
          LONGSHORE_HOME: join(home, 'home'),
          REGISTRY_HTTP_ADDR: '127.0.0.1:0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const { stdout } = registry;
    if (stdout === null) throw new Error('the output is piped');
    const lines: string[] = [];
    createInterface(stdout).on('line', (line) => lines.push(line));
    await eventually(async () => expect(lines.join('\n')).toContain('ready after'), 200_000);
    registry.kill('SIGTERM');
    await once(registry, 'exit');
    const used: string[] = JSON.parse(readFileSync(loaded, 'utf8'));
    expect(used.length).toBeGreaterThan(30);
    const folders = new Set(await installed());
    expect(used.map((path) => relative(root, path)).filter((path) => !folders.has(path))).toEqual([]);
  });
});
