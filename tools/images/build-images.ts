import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runToEnd } from '../results/run-to-end.ts';
import { layOutApplication } from './application.ts';
import { layOutBase } from './base-image.ts';
import { layOutNats } from './nats-image.ts';
import { normalise } from './normalise.ts';
import { layOutPostgres } from './postgres-image.ts';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const services = [
  'api-gateway',
  'blob-service',
  'manifest-service',
  'auth-service',
  'notifier',
  'garbage-collector',
];
const application = [...services, 'cli', 'standalone'];
const parts = ['base', 'postgres', 'nats'];

const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    tag: { type: 'string', default: 'dev' },
    version: { type: 'string', default: 'dev' },
    revision: { type: 'string', default: 'unknown' },
    /** An OCI layout to write instead of giving the images to Docker. */
    layout: { type: 'string' },
  },
});

/** Seconds since 1970; SOURCE_DATE_EPOCH as reproducible-builds.org has it. */
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0);
const context = mkdtempSync(join(tmpdir(), 'longshore-images-'));
try {
  await layOut();
  const targets =
    options.base === undefined ? [...parts, ...application] : ['postgres', 'nats', ...application];
  for (const target of targets) await build(target);
} catch (error) {
  console.error(`longshore: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(context, { recursive: true, force: true });
}

async function layOut(): Promise<void> {
  console.log('longshore: gathering the files of the images');
  for (const part of [...parts, 'application']) mkdirSync(join(context, part));
  await layOutBase(join(context, 'base'), process.execPath);
  await layOutPostgres(join(context, 'postgres'));
  await layOutNats(join(context, 'nats'), repository);
  await layOutApplication(join(context, 'application'), repository);
  normalise(context, epoch);
}

async function build(target: string): Promise<void> {
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
  // Docker shows it as the image's id: the digest of the configuration, which names all layers.
  const id = output.trim();
  if (options.layout === undefined) await giveToDocker(id, name);
  else await buildah('push', ['--quiet', id, `oci:${options.layout}:${target}`]);
  console.log(`${name}  sha256:${id}`);
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
