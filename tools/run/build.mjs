import { createHash } from 'node:crypto';
import { access, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from './process.mjs';

const stamp = join(root, 'node_modules/.longshore-built');
const configurations = ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json'];

const standalone = join(root, 'apps/standalone');

/**
 * Runs `tsc -b`, unless no source, configuration or dependency has changed since the last success. Without the packages of tests, types cannot be
 * checked: then it only writes JavaScript, and the next checked build starts from scratch.
 */
export async function build(packages) {
  const projects = await findProjects();
  const state = await fingerprint(projects);
  const [built = '', how] = (await readStamp()).split(' ');
  const isChecked = how === undefined || how === 'checked';
  const needed = packages === 'all' ? projects : [standalone, ...(await findProjects(standalone))];
  if (built === state && (isChecked || packages === 'running') && (await everyProjectIsBuilt(needed))) return;
  console.log('longshore: building (tsc -b)');
  const again = isChecked ? [] : ['--force'];
  const options = packages === 'all' ? ['-b', ...again] : ['-b', '--noCheck', 'apps/standalone'];
  // npm 10 leaves no node_modules/.bin/tsc: it removes that of another compiler, which it has left out.
  await run(process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), ...options]);
  await writeFile(stamp, `${state} ${packages === 'all' ? 'checked' : 'unchecked'}`);
}

/** Finds the projects that `tsc -b` builds for a folder: those that its tsconfig.json refers to, and those that they refer to in turn. */
async function findProjects(from = root) {
  const found = new Set();
  const follow = async (folder) => {
    const { references = [] } = JSON.parse(await readFile(join(folder, 'tsconfig.json'), 'utf8'));
    for (const { path } of references) {
      const project = join(folder, path);
      if (found.has(project)) continue;
      found.add(project);
      await follow(project);
    }
  };
  await follow(from);
  return [...found];
}

async function fingerprint(projects) {
  const hash = createHash('sha256');
  const note = async (path) => {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const configuration of configurations) await note(join(root, configuration));
  for (const project of projects) {
    await note(join(project, 'tsconfig.json'));
    const sources = await readdir(join(project, 'src'), { recursive: true });
    for (const source of sources.toSorted()) {
      if (source.endsWith('.ts')) await note(join(project, 'src', source));
    }
  }
  return hash.digest('hex');
}

async function everyProjectIsBuilt(projects) {
  try {
    await Promise.all(projects.map((project) => access(join(project, 'dist/.tsbuildinfo'))));
    return true;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function readStamp() {
  try {
    return await readFile(stamp, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
