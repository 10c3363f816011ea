import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runToEnd } from '../results/run-to-end.ts';

/** A piece of software in an image, for an SBOM. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, if its author gave one. */
  readonly license: string | undefined;
  /** A package URL (https://github.com/package-url/purl-spec). */
  readonly url: string;
}

interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly license?: unknown;
}

/** Returns the npm packages below a folder, and the workspace's own, in the order of their URLs. */
export function npmPackages(folder: string): Package[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() && entry.name === 'package.json' && isPackage(relative(folder, entry.parentPath)),
  );
  return unique(
    found.map((entry) => {
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm's own format
      const { name, version = '0.0.0', license } = JSON.parse(text) as Manifest;
      return {
        name,
        version,
        license: typeof license === 'string' ? license : undefined,
        url: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      };
    }),
  );
}

/** Skips the package.json files inside packages, which tell Node how to read a folder. */
function isPackage(folder: string): boolean {
  return /^(?:apps|libs)\/[^/]+$|(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/.test(folder);
}

/** Returns the packages of this Linux distribution that files below a root were copied from. None without dpkg. */
export async function systemPackages(root: string): Promise<Package[]> {
  if (!existsSync('/var/lib/dpkg/status')) return [];
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(root, join(entry.parentPath, entry.name))}`);
  // dpkg may know a file of /lib by its place below /usr/lib.
  const { output } = await runToEnd(
    'dpkg-query',
    ['--search', ...files, ...files.map((path) => `/usr${path}`)],
    {
      output: 'collect',
    },
  );
  const owners = new Set(
    [...output.matchAll(/^([a-z0-9][^\s,]*): \//gm)].flatMap(([, owner]) => owner ?? []),
  );
  if (owners.size === 0) return [];
  const format = '${binary:Package}\t${Version}\t${Architecture}\n';
  const listed = await runToEnd('dpkg-query', ['--show', `--showformat=${format}`, ...owners], {
    output: 'collect',
  });
  return unique(
    listed.output
      .trim()
      .split('\n')
      .map((line) => {
        const [qualified = '', version = '', architecture = ''] = line.split('\t');
        return debianPackage(qualified.replace(/:.*/, ''), version, architecture);
      }),
  );
}

export function debianPackage(name: string, version: string, architecture: string): Package {
  const url = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
  return { name, version, license: undefined, url };
}

/** Describes a program outside the system's packages by the version that it reports. */
export async function programPackage(
  program: string,
  { name, license, url }: { readonly name: string; readonly license: string; readonly url: string },
): Promise<Package> {
  const { output } = await runToEnd(program, ['--version'], { output: 'collect' });
  const version = /\d+\.\d+\.\d+\S*/.exec(output)?.[0];
  if (version === undefined) throw new Error(`${program} --version says no version: ${output.trim()}`);
  return { name, version, license, url: `${url}@${version}` };
}

/** Returns each package once, in the order of the URLs. */
export function unique(packages: readonly Package[]): Package[] {
  const byUrl = new Map(packages.map((entry) => [entry.url, entry]));
  return [...byUrl.values()].toSorted((one, other) => (one.url < other.url ? -1 : 1));
}
