import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const version = '3.37.0';
const cache = fileURLToPath(new URL('../../../../../node_modules/.cache/longshore', import.meta.url));
const folder = join(cache, `azurite-${version}`);

/** Returns the path of the script that serves blobs. */
export async function azuriteProgram(): Promise<string> {
  return join(await azuritePackages(), 'azurite/dist/src/blob/main.js');
}

/**
 * Returns a folder with azurite and its dependencies. The first call installs them from the npm registry. As a dependency of the workspace, its
 * hundreds of packages would burden everyone who runs `npm start`.
 */
export async function azuritePackages(): Promise<string> {
  const packages = join(folder, 'node_modules');
  if (!(await exists(join(packages, 'azurite')))) await install();
  return packages;
}

/** Installs into a new folder and renames it into place, so suites that start concurrently may all do this. */
async function install(): Promise<void> {
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', ['install', '--prefix', unfinished, ...quiet, `azurite@${version}`], {
      cwd: unfinished,
    });
    await rename(unfinished, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } catch (error) {
    throw new Error(`azurite could not be installed with npm into ${dirname(folder)}`, { cause: error });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
