import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runToEnd } from '../results/run-to-end.ts';
import { serviceNames } from '../service-names.ts';
import { layOutApplication } from './application.ts';
import { layOutAzurite } from './azurite-image.ts';
import { layOutBase } from './base-image.ts';
import { layOutNats, natsPackage } from './nats-image.ts';
import { normalise } from './normalise.ts';
import { npmPackages, type Package, systemPackages } from './packages.ts';
import { layOutPostgres } from './postgres-image.ts';
import { sbomOf } from './sbom.ts';
import { layOutVersitygw, versitygwPackage } from './versitygw-image.ts';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const application = [...serviceNames, 'cli', 'standalone'];

/** Images of files from outside the workspace, by how these are gathered. */
const parts: Readonly<Record<string, (root: string) => Promise<void>>> = {
  base: (root) => layOutBase(root, process.execPath),
  postgres: layOutPostgres,
  nats: layOutNats,
  versitygw: layOutVersitygw,
  azurite: layOutAzurite,
};

const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    tag: { type: 'string', default: 'dev' },
    version: { type: 'string', default: 'dev' },
    revision: { type: 'string', default: 'unknown' },
    /** An OCI layout to write instead of giving the images to Docker. */
    layout: { type: 'string' },
    /** The storage servers of docker-compose.yml's profiles besides. */
    stores: { type: 'boolean', default: false },
    /** A directory for a list of each image's packages (SPDX). */
    sbom: { type: 'string' },
  },
});

const nodePackage: Package = {
  name: 'node',
  version: process.versions.node,
  license: 'MIT',
  url: `pkg:generic/node@${process.versions.node}`,
};

/** As images call it. */
const ownArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** Seconds since 1970; SOURCE_DATE_EPOCH as reproducible-builds.org has it. */
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0);
const context = mkdtempSync(join(tmpdir(), 'longshore-images-'));
try {
  const targets = [...(await partsWanted()), ...application];
  await layOut(targets);
  for (const target of targets) {
    const id = await build(target);
    if (options.sbom !== undefined) await describe(target, id, options.sbom);
  }
} catch (error) {
  console.error(`longshore: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(context, { recursive: true, force: true });
}

/** A base of another architecture makes images of that one; the parts would still be programs of this machine. */
async function partsWanted(): Promise<string[]> {
  const all = Object.keys(parts).filter((part) => options.stores || !['versitygw', 'azurite'].includes(part));
  if (options.base === undefined) return all;
  const about = ['--type=image', '--format={{.OCIv1.Architecture}}', options.base];
  const architecture = (await buildah('inspect', about)).trim();
  return architecture === ownArchitecture ? all.filter((part) => part !== 'base') : [];
}

async function layOut(targets: readonly string[]): Promise<void> {
  console.log('longshore: gathering the files of the images');
  for (const part of [...Object.keys(parts), 'application']) mkdirSync(join(context, part));
  for (const [part, gather] of Object.entries(parts))
    if (targets.includes(part)) await gather(join(context, part));
  await layOutApplication(join(context, 'application'), repository);
  normalise(context, epoch);
}

/** Its id: Docker shows it as the digest of the configuration, which names all layers. */
async function build(target: string): Promise<string> {
  const name = `longshore/${target}:${options.tag}`;
  const local = `localhost/${name}`;
  const base = options.base ?? `localhost/longshore/base:${options.tag}`;
  const { version, revision } = options;
  const variables = Object.entries({ BASE: base, VERSION: version, REVISION: revision });
  const output = await buildah('build', [
    `--file=${join(repository, 'tools/images/Dockerfile')}`,
    `--target=${target}`,
    `--tag=${local}`,
    `--timestamp=${epoch}`,
    '--layers',
    '--pull=never',
    '--format=oci',
    '--quiet',
    ...variables.flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    context,
  ]);
  const id = output.trim();
  if (options.layout === undefined) await giveToDocker(id, name);
  else await buildah('push', ['--quiet', id, `oci:${options.layout}:${target}`]);
  console.log(`${name}  sha256:${id}`);
  return id;
}

async function describe(target: string, id: string, folder: string): Promise<void> {
  const image = `longshore/${target}`;
  const document = sbomOf({ image, version: options.version, id, epoch, packages: await packagesOf(target) });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${target}.spdx.json`), `${JSON.stringify(document, undefined, 2)}\n`);
}

/** What we put into an image. A base that was given has to have a list of its own. */
async function packagesOf(target: string): Promise<Package[]> {
  const root = join(context, target);
  if (target === 'postgres') return systemPackages(root);
  if (target === 'versitygw') return [versitygwPackage(root), ...(await systemPackages(root))];
  const base =
    options.base === undefined ? [nodePackage, ...(await systemPackages(join(context, 'base')))] : [];
  if (target === 'base') return base;
  if (target === 'nats') return [await natsPackage(root), ...base];
  if (target === 'azurite') return [...npmPackages(root), ...base];
  return [...npmPackages(join(context, 'application')), ...base];
}

/** By an archive: what Docker's API takes directly differs between its versions. */
async function giveToDocker(id: string, name: string): Promise<void> {
  const archive = join(context, 'image.tar');
  await buildah('push', ['--quiet', id, `docker-archive:${archive}:${name}`]);
  await run(
    'docker',
    ['load', '--quiet', '--input', archive],
    'Docker is needed to load the images, or --layout DIRECTORY',
  );
  rmSync(archive);
}

function buildah(command: string, words: readonly string[]): Promise<string> {
  return run('buildah', [command, ...words], 'the images are built by buildah: apt-get install buildah');
}

async function run(program: string, words: readonly string[], advice: string): Promise<string> {
  const { code, output } = await runToEnd(program, words, { output: 'collect' }).catch((error: unknown) => {
    throw new Error(advice, { cause: error });
  });
  if (code !== 0) throw new Error(`${program} ${words[0] ?? ''} failed (${advice}):\n${output.trim()}`);
  return output;
}
