import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Creates a separate store for buildah, so that no layer comes from an earlier build. @returns the environment that names it */
export async function ownContainerStorage(folder: string): Promise<Readonly<Record<string, string>>> {
  await mkdir(folder, { recursive: true });
  const configuration = join(folder, 'storage.conf');
  await writeFile(
    configuration,
    `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/storage"\nrunroot = "${folder}/run"\n`,
  );
  return { CONTAINERS_STORAGE_CONF: configuration };
}
