import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { application, type BuiltImage, ImageBuild, repository } from './image-build.ts';
import type { Architecture } from './machine.ts';
import { call } from './programs.ts';
import { sbomOf } from './sbom.ts';

const architectures: readonly Architecture[] = ['amd64', 'arm64'];
const sbomType = 'application/spdx+json';
/** A signing configuration of cosign without services: neither a transparency log nor a time stamp. */
const offlineSigning = { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' };

export interface PublishSettings {
  /** A registry, with a path if the images should not lie at its root: `registry.example/team`. */
  readonly registry: string;
  readonly version: string;
  readonly revision: string;
  /** Seconds since 1970. */
  readonly epoch: number;
  /** The images. Empty for all with the application. */
  readonly wanted: readonly string[];
  readonly plainHttp: boolean;
  /** A key in cosign's notation: a file, `env://NAME`, `awskms://…`. Without one nothing is signed. */
  readonly key: string | undefined;
  /** Keeps signatures out of the transparency log. */
  readonly offline: boolean;
}

/**
 * Builds images of both architectures, and pushes them with their lists of packages, the chart, and a signature of each. A repeated run from the same
 * sources makes the same digests, so an interrupted publication can be started again.
 */
export async function publish(settings: PublishSettings): Promise<void> {
  const publication = new Publication(settings);
  try {
    await publication.run();
  } finally {
    publication.close();
  }
}

class Publication {
  readonly #settings: PublishSettings;
  readonly #folder = mkdtempSync(join(tmpdir(), 'longshore-publish-'));
  /** Images by target. */
  readonly #built = new Map<string, (BuiltImage & { readonly architecture: Architecture })[]>();

  constructor(settings: PublishSettings) {
    this.#settings = settings;
  }

  async run(): Promise<void> {
    for (const architecture of architectures) await this.#build(architecture);
    for (const [target, images] of this.#built) await this.#pushImage(target, images);
    await this.#pushChart();
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  async #build(architecture: Architecture): Promise<void> {
    console.log(`longshore: building for ${architecture}`);
    const { version, revision, epoch } = this.#settings;
    const wanted = this.#settings.wanted.length > 0 ? this.#settings.wanted : application;
    const settings = {
      architecture,
      base: undefined,
      wanted,
      stores: false,
      tag: version,
      version,
      revision,
      epoch,
    };
    await new ImageBuild(settings).run(async (image) => {
      if (image.target === 'base') return;
      const others = this.#built.get(image.target) ?? [];
      this.#built.set(image.target, [...others, { ...image, architecture }]);
    });
  }

  async #pushImage(
    target: string,
    images: readonly (BuiltImage & { readonly architecture: Architecture })[],
  ): Promise<void> {
    const { version, epoch } = this.#settings;
    const name = this.#name(target);
    const index = await this.#pushIndex(name, images);
    const lists = new Map(images.map((image) => [image.architecture, image]));
    const { manifests }: Index = JSON.parse(
      await call('oras', ['manifest', 'fetch', ...this.#plain('oras'), `${name}@${index}`]),
    );
    for (const { digest, platform } of manifests) {
      const image = lists.get(platform.architecture);
      if (image === undefined) throw new Error(`${name} has an image of ${platform.architecture}`);
      const document = sbomOf({ image: `longshore/${target}`, version, epoch, ...image });
      await this.#attach(`${name}@${digest}`, document);
    }
    await this.#sign(`${name}@${index}`, ['--recursive']);
    console.log(`${name}:${version}@${index}`);
  }

  /** @returns the digest of the index */
  async #pushIndex(name: string, images: readonly BuiltImage[]): Promise<string> {
    const list = `localhost/${name.replace(/^[^/]+\//, '')}-index:${this.#settings.version}`;
    const digestFile = join(this.#folder, 'digest');
    // Removes the list of an earlier run, which would otherwise be extended.
    await call('buildah', ['manifest', 'rm', list]).catch(() => undefined);
    await call('buildah', ['manifest', 'create', list]);
    for (const { id } of images) await call('buildah', ['manifest', 'add', list, id]);
    const destination = `docker://${name}:${this.#settings.version}`;
    const options = ['--all', '--rm', '--quiet', '--format=oci', `--digestfile=${digestFile}`];
    await call('buildah', ['manifest', 'push', ...options, ...this.#plain('buildah'), list, destination]);
    return readFileSync(digestFile, 'utf8').trim();
  }

  /** Attaches a document as a referrer, and signs it. */
  async #attach(image: string, document: object): Promise<void> {
    const file = 'packages.spdx.json';
    writeFileSync(join(this.#folder, file), `${JSON.stringify(document, undefined, 2)}\n`);
    const created = new Date(this.#settings.epoch * 1000).toISOString();
    const output = await call(
      'oras',
      [
        'attach',
        ...this.#plain('oras'),
        `--artifact-type=${sbomType}`,
        `--annotation=org.opencontainers.image.created=${created}`,
        '--format=go-template',
        '--template={{.digest}}',
        image,
        `${file}:${sbomType}`,
      ],
      { folder: this.#folder },
    );
    await this.#sign(image.replace(/@.*/, `@${digestIn(output)}`), []);
  }

  async #pushChart(): Promise<void> {
    const { version } = this.#settings;
    const chart = join(repository, 'charts/longshore');
    const versions = [`--version=${version}`, `--app-version=${version}`];
    await call('helm', ['package', chart, ...versions, `--destination=${this.#folder}`]);
    const place = this.#name('charts');
    const file = join(this.#folder, `longshore-${version}.tgz`);
    const output = await call('helm', ['push', file, `oci://${place}`, ...this.#plain('helm')]);
    const digest = digestIn(output);
    await this.#sign(`${place}/longshore@${digest}`, []);
    console.log(`oci://${place}/longshore:${version}@${digest}`);
  }

  async #sign(reference: string, options: readonly string[]): Promise<void> {
    const { key, offline } = this.#settings;
    if (key === undefined) return;
    const log: string[] = [];
    if (offline) {
      const file = join(this.#folder, 'signing.json');
      writeFileSync(file, JSON.stringify(offlineSigning));
      log.push(`--signing-config=${file}`);
    }
    await call('cosign', [
      'sign',
      '--yes',
      '--key',
      key,
      ...log,
      ...this.#plain('cosign'),
      ...options,
      reference,
    ]);
  }

  #name(target: string): string {
    return `${this.#settings.registry}/longshore/${target}`;
  }

  #plain(client: keyof typeof plainHttp): readonly string[] {
    return this.#settings.plainHttp ? [plainHttp[client]] : [];
  }
}

/** The option of each client for a registry without TLS. */
const plainHttp = {
  buildah: '--tls-verify=false',
  oras: '--plain-http',
  helm: '--plain-http',
  cosign: '--allow-http-registry',
} as const;

interface Index {
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform: { readonly architecture: Architecture };
  }[];
}

function digestIn(output: string): string {
  const digest = /sha256:[0-9a-f]{64}/.exec(output)?.[0];
  if (digest === undefined) throw new Error(`a client named no digest: ${output.trim()}`);
  return digest;
}
