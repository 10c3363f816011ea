import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { node, root, run } from './process.mjs';
import { showProgress } from './progress.mjs';

const stamp = join(root, 'node_modules/.longshore-installed');
const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--progress=false'];

/**
 * Installs the missing packages of a set (`running` or `all`) if node_modules is absent, incomplete, or older than package-lock.json. @returns the
 * set that is installed now
 */
export async function install(wanted) {
  const text = await readFile(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(text).digest('hex');
  const { packages } = JSON.parse(text.toString());
  const state = await readState(hash);
  const has = (set) => state.sets.includes(set) && isWhole(packages, set);
  if (has('all')) return 'all';
  if (wanted === 'running' && has('running')) return 'running';
  // Adds to a complete installation: `npm ci` would first remove it, under a running registry.
  const adding = has('running');
  await withProgress(packages, wanted, () =>
    run('npm', adding ? ['install', '--no-save', ...quiet] : ['ci', ...omitted(wanted), ...quiet]),
  );
  await removeHeaders();
  await writeFile(stamp, JSON.stringify({ hash, set: wanted }));
  return wanted;
}

function omitted(set) {
  return set === 'running' ? ['--omit=dev'] : [];
}

/** Returns the sets that were installed for this package-lock.json: by us, as the stamp says, or by the user's npm. */
async function readState(hash) {
  const found = await readFile(stamp, 'utf8').catch(() => '');
  const known = found.startsWith('{') ? JSON.parse(found) : undefined;
  if (known?.hash === hash) return { sets: known.set === 'all' ? ['all', 'running'] : ['running'] };
  const installed = await modified(join(root, 'node_modules/.package-lock.json'));
  const isNewer = installed !== 0 && installed >= (await modified(join(root, 'package-lock.json')));
  return { sets: isNewer ? ['all', 'running'] : [] };
}

/** Checks that each package's folder exists; an interrupted deletion leaves gaps. */
function isWhole(packages, set) {
  return (
    existsSync(node) && expected(packages, set).every((path) => existsSync(join(root, path, 'package.json')))
  );
}

/** Packages for other systems are optional. */
function expected(packages, set) {
  return Object.entries(packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.optional)
    .filter(([, entry]) => set === 'all' || !(entry.dev || entry.devOptional))
    .map(([path]) => path);
}

async function withProgress(packages, set, work) {
  const paths = expected(packages, set);
  console.log(
    `longshore: installing ${paths.length} packages (${set === 'all' ? 'those of tests, too' : 'what running needs'})`,
  );
  const progress = showProgress(
    'packages',
    paths.length,
    () => paths.filter((path) => existsSync(join(root, path, 'package.json'))).length,
  );
  try {
    await work();
  } finally {
    progress.end();
  }
}

/** Removes headers and a second npm from the package `node`: 68 MB that nobody reads. */
async function removeHeaders() {
  const parts = join(root, 'node_modules/node/node_modules');
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
