import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
/** Images with the application inside: the same on every architecture but for their base. */
export const application = [...serviceNames, 'cli', 'standalone'];
/** Not built unless asked for. */
const stores = ['versitygw', 'azurite'];

/** Images of programs that are on this machine, by how these are gathered. */
const ownParts: Readonly<Record<string, (root: string) => Promise<void>>> = {
  postgres: layOutPostgres,
  nats: layOutNats,
  versitygw: layOutVersitygw,
  azurite: layOutAzurite,
};

export interface BuildSettings {
  /** An image to build on instead of our own base. */
  readonly base: string | undefined;
  readonly architecture: Architecture;
  /** The images to build; all when empty. */
  readonly wanted: readonly string[];
  /** With the stores, when all are wanted. */
  readonly stores: boolean;
  readonly tag: string;
  readonly version: string;
  readonly revision: string;
  /** Seconds since 1970 that every file and image gets. */
  readonly epoch: number;
}

export interface BuiltImage {
  /** `blob-service`. */
  readonly target: string;
  /** The digest of its configuration, which names all layers, without the algorithm. */
  readonly id: string;
  readonly packages: readonly Package[];
}

/** Builds images of one architecture by buildah, from files that are gathered in a folder of its own. */
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

  /** One image after the other, while their files are there. `done` sees each before the next one is built. */
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

  /** In the order in which they are built. */
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
    for (const part of ['base', 'application', 'standalone', ...Object.keys(ownParts)])
      mkdirSync(folder(part));
    if (targets.includes('base')) await layOutBase(folder('base'), this.#machine);
    for (const [part, gather] of Object.entries(ownParts))
      if (targets.includes(part)) await gather(folder(part));
    await layOutApplication(folder('application'), repository);
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

  /** In buildah's store. */
  #localName(target: string): string {
    const { architecture, tag } = this.#settings;
    return `localhost/longshore/${target}:${tag}-${architecture}`;
  }

  /** What we put into an image. A base that was given has to have a list of its own. */
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
