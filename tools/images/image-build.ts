import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceNames } from '../service-names.ts';
import { layOutApplication } from './application.ts';
import { layOutAzurite } from './azurite-image.ts';
import { layOutBase } from './base-image.ts';
import { FetchedMachine } from './fetched-machine.ts';
import { type Architecture, type Machine, ownArchitecture, OwnMachine } from './machine.ts';
import { layOutNats, natsPackage } from './nats-image.ts';
import { normalise } from './normalise.ts';
import { npmPackages, type Package, systemPackages, unique } from './packages.ts';
import { layOutPostgres } from './postgres-image.ts';
import { call } from './programs.ts';
import { layOutStandalone } from './standalone-image.ts';
import { layOutVersitygw, versitygwPackage } from './versitygw-image.ts';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Images with the application. They are the same on every architecture except for their base. */
export const application = [...serviceNames, 'cli', 'standalone'];
/** Built only on request. */
const stores = ['versitygw', 'azurite'];

/** Images of programs on this machine, with the functions that gather their files. */
const ownParts: Readonly<Record<string, (root: string) => Promise<void>>> = {
  postgres: layOutPostgres,
  nats: layOutNats,
  versitygw: layOutVersitygw,
  azurite: layOutAzurite,
};

export interface BuildSettings {
  /** Image to build on, instead of our own base. */
  readonly base: string | undefined;
  readonly architecture: Architecture;
  /** Images to build. Empty for all. */
  readonly wanted: readonly string[];
  /** Includes the stores, if all images are built. */
  readonly stores: boolean;
  readonly tag: string;
  readonly version: string;
  readonly revision: string;
  /** Time of every file and image, in seconds since 1970. */
  readonly epoch: number;
}

export interface BuiltImage {
  /** `blob-service`. */
  readonly target: string;
  /** The digest of its configuration, without the algorithm. The configuration names all layers. */
  readonly id: string;
  readonly packages: readonly Package[];
}

/** Builds images of one architecture with buildah, from files that it gathers in its own folder. */
export class ImageBuild {
  readonly #settings: BuildSettings;
  readonly #context = mkdtempSync(join(tmpdir(), 'longshore-images-'));
  readonly #machine: Machine;

  constructor(settings: BuildSettings) {
    const { architecture } = settings;
    this.#settings = settings;
    this.#machine =
      architecture === ownArchitecture()
        ? new OwnMachine(repository)
        : new FetchedMachine({ architecture, folder: join(this.#context, 'fetched'), repository });
  }

  /** Builds one image after another. Calls `done` with each before the next, while its files exist. */
  async run(done: (image: BuiltImage) => Promise<void>): Promise<void> {
    try {
      const targets = this.#targets();
      await this.#layOut(targets);
      for (const target of targets) {
        const id = await this.#build(target);
        await done({ target, id, packages: await this.#packagesOf(target) });
      }
    } finally {
      rmSync(this.#context, { recursive: true, force: true });
    }
  }

  /** Returns the targets in build order. */
  #targets(): string[] {
    const { base, architecture, wanted } = this.#settings;
    const bases = base === undefined ? ['base'] : [];
    const parts = architecture === ownArchitecture() ? Object.keys(ownParts) : [];
    const possible = [...bases, ...parts, ...application];
    const unknown = wanted.find((name) => !possible.includes(name));
    if (unknown !== undefined) throw new Error(`there is no image ${unknown}, but ${possible.join(', ')}`);
    if (wanted.length > 0) return possible.filter((name) => name === 'base' || wanted.includes(name));
    return possible.filter((name) => this.#settings.stores || !stores.includes(name));
  }

  async #layOut(targets: readonly string[]): Promise<void> {
    const folder = (name: string): string => join(this.#context, name);
    for (const part of ['base', 'application', 'cli', 'standalone', ...Object.keys(ownParts)])
      mkdirSync(folder(part));
    if (targets.includes('base')) await layOutBase(folder('base'), this.#machine);
    for (const [part, gather] of Object.entries(ownParts))
      if (targets.includes(part)) await gather(folder(part));
    if (targets.some((target) => application.includes(target)))
      await layOutApplication(folder('application'), repository);
    if (targets.includes('cli')) layOutCommand(folder('cli'));
    if (targets.includes('standalone'))
      await layOutStandalone(folder('standalone'), {
        machine: this.#machine,
        isOwnBase: targets.includes('base'),
      });
    normalise(this.#context, this.#settings.epoch);
  }

  /** @returns the image's id */
  async #build(target: string): Promise<string> {
    const { architecture, version, revision, epoch } = this.#settings;
    const output = await call('buildah', [
      'build',
      `--file=${join(repository, 'tools/images/Dockerfile')}`,
      `--target=${target}`,
      `--tag=${this.#localName(target)}`,
      `--arch=${architecture}`,
      `--timestamp=${epoch}`,
      '--layers',
      '--pull=never',
      '--format=oci',
      '--quiet',
      `--build-arg=BASE=${this.#settings.base ?? this.#localName('base')}`,
      `--label=org.opencontainers.image.version=${version}`,
      `--label=org.opencontainers.image.revision=${revision}`,
      this.#context,
    ]);
    return output.trim();
  }

  /** Returns the name in buildah's store. */
  #localName(target: string): string {
    const { architecture, tag } = this.#settings;
    return `localhost/longshore/${target}:${tag}-${architecture}`;
  }

  /** Returns the packages that we put into an image. A given base must have its own list. */
  async #packagesOf(target: string): Promise<Package[]> {
    const root = join(this.#context, target);
    if (target === 'postgres') return systemPackages(root);
    if (target === 'versitygw') return [versitygwPackage(root), ...(await systemPackages(root))];
    const base = this.#settings.base === undefined ? await this.#packagesOfBase() : [];
    if (target === 'base') return base;
    if (target === 'nats') return [await natsPackage(root), ...base];
    if (target === 'azurite') return [...npmPackages(root), ...base];
    const inside = [...npmPackages(join(this.#context, 'application')), ...base];
    if (target !== 'standalone') return inside;
    return unique([...inside, ...npmPackages(root), ...(await this.#machine.packagesIn(root))]);
  }

  async #packagesOfBase(): Promise<Package[]> {
    const version = process.versions.node;
    const node = { name: 'node', version, license: 'MIT', url: `pkg:generic/node@${version}` };
    return [node, ...(await this.#machine.packagesIn(join(this.#context, 'base')))];
  }
}

/** Writes the command for people in the container. There is no `env` that an ordinary first line could name. */
function layOutCommand(root: string): void {
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  const script = "#!/usr/local/bin/node\nimport '/opt/longshore/apps/cli/dist/main.js';\n";
  writeFileSync(join(root, 'usr/local/bin/longshore'), script, { mode: 0o755 });
}
