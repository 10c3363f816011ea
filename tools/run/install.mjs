import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersOf, holds, partWith, runtimeFor, sets } from './packages.mjs';
import { bundledNode, root, run } from './process.mjs';
import { showProgress } from './progress.mjs';

const modules = join(root, 'node_modules');
const stamp = join(modules, '.longshore-installed');
const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--progress=false'];
const told = {
  running: 'what running needs',
  production: 'those of all drivers, too',
  all: 'those of tests, too',
};

/**
 * Installs what is missing of a set if node_modules is absent, incomplete, or older than package-lock.json. With `missing`, the name of a package, it
 * also installs the part of the registry that uses it. @returns the set that is installed now
 */
export async function install(wanted, missing) {
  const text = await readFile(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(text).digest('hex');
  const { packages } = JSON.parse(text.toString());
  const state = await readState(hash);
  const has = (set, named) => holds(state.set, set) && isWhole(foldersOf(packages, set, named));
  const kept = state.named.filter((name) => packages[`node_modules/${name}`] !== undefined);
  const part = missing === undefined ? [] : partWith(packages, missing);
  if (missing !== undefined && part.length === 0)
    throw new Error(`${missing} is no package of the registry: remove node_modules, then start again`);
  const named = [...new Set([...runtimeFor(packages, process.versions.node), ...kept, ...part])];
  const present = Object.keys(sets).findLast((set) => has(set, set === 'running' ? named : []));
  if (present !== undefined && holds(present, wanted)) return present;

  // npm removes what is omitted, unless it is named.
  const besides = wanted === 'running' ? named : [];
  const adding = present !== undefined || has('running', kept);
  const exact = besides.map((name) => `${name}@${packages[`node_modules/${name}`].version}`);
  await withProgress(
    foldersOf(packages, wanted, besides),
    part.length > 0 ? part.join(', ') : told[wanted],
    async () => {
      // `npm ci` would first remove a complete installation, under a running registry. It takes no names.
      if (!adding && besides.length > 0) await rm(modules, { recursive: true, force: true });
      const command = adding || besides.length > 0 ? ['install', '--no-save'] : ['ci'];
      await run('npm', [...command, ...sets[wanted], ...quiet, ...exact]);
    },
  );
  await removeHeaders();
  await writeFile(stamp, JSON.stringify({ hash, set: wanted, named: besides }));
  return wanted;
}

/** Returns what was installed for this package-lock.json: by us, as the stamp says, or by the user's npm, which may have installed everything. */
async function readState(hash) {
  const found = await readFile(stamp, 'utf8').catch(() => '');
  const known = found.startsWith('{') ? JSON.parse(found) : undefined;
  if (known?.hash === hash) return { set: known.set, named: known.named ?? [] };
  const installed = await modified(join(modules, '.package-lock.json'));
  const isNewer = installed !== 0 && installed >= (await modified(join(root, 'package-lock.json')));
  return { set: isNewer ? 'all' : 'none', named: [] };
}

/** Checks that each package's folder exists; an interrupted deletion leaves gaps. */
function isWhole(folders) {
  return folders.every(isInstalled);
}

function isInstalled(folder) {
  return (
    existsSync(join(root, folder, 'package.json')) &&
    (folder !== 'node_modules/node' || existsSync(bundledNode))
  );
}

async function withProgress(folders, what, work) {
  const missing = folders.filter((folder) => !isInstalled(folder));
  console.log(`longshore: installing ${missing.length} packages (${what})`);
  const progress = showProgress('packages', missing.length, () => missing.filter(isInstalled).length);
  try {
    await work();
  } finally {
    progress.end();
  }
}

/** Removes headers and a second npm from the package `node`: 68 MB that nobody reads. */
async function removeHeaders() {
  const parts = join(modules, 'node/node_modules');
  for (const name of await readdir(parts).catch(() => [])) {
    if (!/^node-(?!bin-setup)/.test(name)) continue;
    for (const unused of ['include', 'share', 'lib'])
      await rm(join(parts, name, unused), { recursive: true, force: true });
  }
}

async function modified(path) {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 0;
    throw error;
  }
}
