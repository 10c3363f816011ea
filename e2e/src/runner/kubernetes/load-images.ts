import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settings } from '../../kubernetes/support/settings.ts';
import { run } from '../../support/command.ts';
import { chartImages } from '../../support/service-names.ts';

/**
 * Loads the images into the cluster with the command of E2E_LOAD_IMAGES, which reads an archive. Without the command they must be there already. The
 * archive comes from Docker, or from the layout of E2E_IMAGE_LAYOUT that `npm run images -- --layout` has written.
 */
export async function loadImages(): Promise<void> {
  const { loadCommand: command, imageTag: tag, imageLayout: layout } = settings;
  if (command === '') return;
  if (layout !== '') await nameImages(layout, tag);
  const names = chartImages.map((image) => `longshore/${image}:${tag}`);
  const archive = layout === '' ? `docker save ${names.join(' ')}` : `tar --create --directory='${layout}' .`;
  await run('bash', ['-c', `set -o pipefail; ${archive} | ${command}`], { timeoutMs: 300_000 });
}

interface Index {
  readonly manifests: readonly { readonly annotations?: Record<string, string> }[];
}

/** The layout names each image by its target alone; containerd takes the whole name from its own annotation. */
async function nameImages(layout: string, tag: string): Promise<void> {
  const file = join(layout, 'index.json');
  const index: Index = JSON.parse(await readFile(file, 'utf8'));
  for (const { annotations = {} } of index.manifests) {
    const target = annotations['org.opencontainers.image.ref.name'] ?? '';
    annotations['io.containerd.image.name'] = `docker.io/longshore/${target}:${tag}`;
  }
  await writeFile(file, JSON.stringify(index));
}
