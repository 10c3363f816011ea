import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BuiltImage, ImageBuild } from './image-build.ts';
import { type Architecture, ownArchitecture } from './machine.ts';
import { call } from './programs.ts';
import { publish } from './publish.ts';
import { sbomOf } from './sbom.ts';

const { values: options, positionals: wanted } = parseArgs({
  // Names of the images to build. Default: all.
  allowPositionals: true,
  options: {
    /** Architecture of the images: amd64 or arm64. Default: this machine's, or that of the base. */
    arch: { type: 'string' },
    base: { type: 'string' },
    /** Default: `dev`, and in Docker also `latest`. */
    tag: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    revision: { type: 'string', default: 'unknown' },
    /** Path of an OCI layout to write instead of loading the images into Docker. */
    layout: { type: 'string' },
    /** Also builds the storage servers of docker-compose.yml's profiles. */
    stores: { type: 'boolean', default: false },
    /** Directory for a list of each image's packages (SPDX). */
    sbom: { type: 'string' },
    /** Registry to publish to, for both architectures. The next three options apply only to it. */
    push: { type: 'string' },
    'plain-http': { type: 'boolean', default: false },
    /** Key for signatures, in cosign's notation. */
    key: { type: 'string' },
    /** Keeps signatures out of the transparency log. */
    offline: { type: 'boolean', default: false },
  },
});
/** Seconds since 1970; SOURCE_DATE_EPOCH as reproducible-builds.org has it. */
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0);
const tag = options.tag ?? 'dev';

try {
  await (options.push === undefined ? build() : pushTo(options.push));
} catch (error) {
  console.error(`longshore: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function build(): Promise<void> {
  console.log('longshore: gathering the files of the images');
  const { base, stores, version, revision } = options;
  const architecture = await architectureWanted();
  await new ImageBuild({ architecture, base, wanted, stores, tag, version, revision, epoch }).run(deliver);
}

async function pushTo(registry: string): Promise<void> {
  const { version, revision, key = process.env['COSIGN_KEY'], offline } = options;
  if (!/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version))
    throw new Error('--push needs a --version like 1.2.3, the tag of images and chart');
  if (key === undefined)
    console.log('longshore: nothing is signed, since there is neither --key nor COSIGN_KEY');
  // cosign has no terminal here, and would fail after the first image is pushed.
  else if (existsSync(key) && process.env['COSIGN_PASSWORD'] === undefined)
    throw new Error(`set COSIGN_PASSWORD to the password of ${key}`);
  const plainHttp = options['plain-http'];
  await publish({ registry, version, revision, epoch, wanted, plainHttp, key, offline });
}

async function architectureWanted(): Promise<Architecture> {
  const { base, arch } = options;
  if (base === undefined) return arch === undefined ? ownArchitecture() : parseArchitecture(arch);
  const about = ['inspect', '--type=image', '--format={{.OCIv1.Architecture}}', base];
  return parseArchitecture((await call('buildah', about)).trim());
}

function parseArchitecture(text: string): Architecture {
  if (text === 'amd64' || text === 'arm64') return text;
  throw new Error(`images are made of amd64 and arm64, not of ${text}`);
}

/** Delivers to Docker or to a layout, with the list of packages on request. */
async function deliver({ target, id, packages }: BuiltImage): Promise<void> {
  const name = `longshore/${target}:${tag}`;
  if (options.layout === undefined) await giveToDocker(id, name);
  else await call('buildah', ['push', '--quiet', id, `oci:${options.layout}:${target}`]);
  console.log(`${name}  sha256:${id}`);
  if (options.sbom === undefined) return;
  const document = sbomOf({ image: `longshore/${target}`, version: options.version, id, epoch, packages });
  mkdirSync(options.sbom, { recursive: true });
  writeFileSync(join(options.sbom, `${target}.spdx.json`), `${JSON.stringify(document, undefined, 2)}\n`);
}

/** An image that Docker already has, by its id, only needs a name. */
async function giveToDocker(id: string, name: string): Promise<void> {
  const isThere = await call('docker', ['tag', `sha256:${id}`, name]).then(
    () => true,
    () => false,
  );
  if (!isThere) await load(id, name);
  if (options.tag === undefined) await call('docker', ['tag', name, name.replace(/:dev$/, ':latest')]);
}

/** Uses an archive: Docker's APIs differ between its versions in the formats that they accept directly. */
async function load(id: string, name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-image-'));
  try {
    const archive = join(folder, 'image.tar');
    await call('buildah', ['push', '--quiet', id, `docker-archive:${archive}:${name}`]);
    await call('docker', ['load', '--quiet', '--input', archive]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
