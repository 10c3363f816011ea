import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { node, root, run } from './process.mjs';

const stamp = join(root, 'node_modules/.longshore-installed');

/** `npm ci` when node_modules is absent, unfinished, or older than package-lock.json. */
export async function install() {
  const wanted = createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
  if (await isInstalled(wanted)) return;
  console.log('longshore: installing dependencies (npm ci)');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  await writeFile(stamp, wanted);
}

async function isInstalled(wanted) {
  if ((await modified(node)) === 0) return false;
  if ((await readStamp()) === wanted) return true;
  const installed = await modified(join(root, 'node_modules/.package-lock.json'));
  return installed !== 0 && installed >= (await modified(join(root, 'package-lock.json')));
}

async function readStamp() {
  try {
    return await readFile(stamp, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
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
