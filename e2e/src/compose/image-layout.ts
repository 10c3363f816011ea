import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../support/command.ts';
import { workspace } from '../runner/workspace.ts';

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Image {
  readonly digest: string;
  readonly architecture: string;
  readonly layers: readonly Descriptor[];
  readonly config: {
    readonly User: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly StopSignal?: string;
  };
}

/** Runs `npm run images`, which may take minutes. @returns its output */
export function buildImages(
  options: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const program = [join(workspace, 'tools/run.mjs'), 'images', ...options];
  return run(process.execPath, program, { cwd: workspace, environment, timeoutMs: 600_000 });
}

/** Returns the images of an OCI layout, by their names in it. */
export async function readLayout(layout: string): Promise<ReadonlyMap<string, Image>> {
  const { manifests }: { manifests: readonly Descriptor[] } = JSON.parse(
    await readFile(join(layout, 'index.json'), 'utf8'),
  );
  const images = manifests.map(async ({ digest, annotations = {} }) => {
    const manifest: { config: Descriptor; layers: readonly Descriptor[] } = JSON.parse(
      await readFile(blobPath(layout, digest), 'utf8'),
    );
    const { config, architecture }: Pick<Image, 'config' | 'architecture'> = JSON.parse(
      await readFile(blobPath(layout, manifest.config.digest), 'utf8'),
    );
    const name = annotations['org.opencontainers.image.ref.name'] ?? '';
    return [name, { digest, architecture, layers: manifest.layers, config }] as const;
  });
  return new Map(await Promise.all(images));
}

/** Returns every path in the layers of an image, without its leading `./`. */
export async function pathsIn(layout: string, { layers }: Image): Promise<string[]> {
  const lists = await Promise.all(
    layers.map(({ digest }) => run('tar', ['--list', '--gzip', '--file', blobPath(layout, digest)])),
  );
  return lists.flatMap((list) => list.split('\n')).map((path) => path.replace(/^\.\//, ''));
}

/** Unpacks the file system of an image, as a container would see it. */
export async function unpack(layout: string, { layers }: Image, root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const { digest } of layers)
    await run('tar', ['--extract', '--gzip', '--file', blobPath(layout, digest), '--directory', root]);
}

function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}
